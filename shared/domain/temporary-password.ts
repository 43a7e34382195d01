import { randomToken } from './ids.ts';
import { passwordProblems } from './password.ts';
import { account } from './policy.ts';
import { type RandomBytes, secureRandom } from './random.ts';

/** A random password of twenty characters that satisfies every rule for this user; every second draw or so does. */
export function makeTemporaryPassword(username: string, random: RandomBytes = secureRandom): string {
  for (;;) {
    const password = randomToken(account.temporaryPasswordBytes, random);
    if (passwordProblems(password, username).length === 0) return password;
  }
}
