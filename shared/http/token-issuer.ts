import { createTokenSigner, type TokenSigner } from '../crypto/tokens.ts';
import { kms } from './kms.ts';
import { config } from './runtime.ts';

/** Signs tokens by KMS. Only functions that issue tokens import it: they alone have the grant. */
export const tokenSigner: TokenSigner = createTokenSigner({
  kms,
  keyId: config.signingKeyId ?? '',
  issuer: config.issuer,
});
