import { readJwks } from '../../shared/api/service.ts';
import { toJwks } from '../../shared/crypto/tokens.ts';
import * as keyVersions from '../../shared/data/key-versions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /.well-known/jwks.json: the public keys as they stand in the table; KMS is not asked. */
export const handler = endpoint(readJwks, {
  load: () => [keyVersions.ofSigning()],
  decide: (_, facts) => ({ reply: toJwks(facts.page(keyVersions.ofSigning()).rows) }),
});
