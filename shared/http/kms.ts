import { createKmsClient } from '../crypto/kms-client.ts';

/** The one KMS client of a function, for key rings and tokens alike. Only functions that import it carry it. */
export const kms = createKmsClient();
