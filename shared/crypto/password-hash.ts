import { compare, hash, truncates } from 'bcryptjs';
import { account } from '../domain/policy.ts';

/** bcrypt reads no further than 72 bytes: a longer password would be cut silently. */
export class PasswordTooLong extends Error {
  override name = 'PasswordTooLong';
}

const form = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

// Salt and hash of 32 random bytes that were forgotten, under today's cost: comparing takes as long as with a user's.
const dummyHash = `$2b$${String(account.bcryptCost).padStart(2, '0')}$fNX3uzvXF1alGNgH4vzyZuuAhjQgRKWF3VcY1V/BLO9PLCvqwcbl2`;

/** Hashes a password of at most 72 bytes of UTF-8, else `PasswordTooLong`. Takes about 0.3 s of a core. */
export async function hashPassword(password: string): Promise<string> {
  if (truncates(password)) throw new PasswordTooLong('more than 72 bytes');
  return hash(password, account.bcryptCost);
}

/**
 * Whether `password` is the one that `passwordHash` was made from. For undefined (no such user) and for a password
 * longer than any can be, the answer is false after the same time. A malformed hash is an error: it is no wrong password.
 */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  // bcryptjs answers such a hash with false, and at once.
  if (passwordHash !== undefined && !form.test(passwordHash)) throw new Error('a stored password hash is malformed');
  const comparable = passwordHash !== undefined && !truncates(password);
  const matches = await compare(password, comparable ? passwordHash : dummyHash);
  return comparable && matches;
}
