import { randomBytes } from 'node:crypto';

/** Where random bytes come from; a test hands in its own. */
export type RandomBytes = (length: number) => Uint8Array;

/** The operating system's CSPRNG: the only source of randomness of the product. */
export const secureRandom: RandomBytes = (length) => randomBytes(length);
