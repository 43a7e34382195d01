import { decodeBase32 } from '../../../shared/domain/base32.ts';
import { codeAt, timeStep } from '../../../shared/domain/otp.ts';
import { mfa } from '../../../shared/domain/policy.ts';
import { seedUser } from '../../testing/seeded-user.ts';
import { atLast, type Client, type ConnectedProduct, type TestUser } from '../testing.ts';

/** Someone with an authenticator app. */
export interface MfaUser extends TestUser {
  readonly recoveryCodes: readonly string[];
  /** The code that the app shows so many steps from now; the one of the enrolment is step 0 and spent. */
  code(steps: number): string;
  /** A code that is wrong for the steps around. */
  wrongCode(): string;
  /** Moves this user's clock by whole steps, and the app with it. */
  pass(steps: number): Promise<void>;
}

const stepMs = mfa.intervalSeconds * 1000;

/** What an authenticator app makes of a secret: the code so many steps after an instant. */
export function authenticator(secret: string) {
  const bytes = decodeBase32(secret);
  if (bytes === undefined) throw new Error('The secret is not base32.');
  return (nowMs: number, steps = 0) => codeAt(bytes, timeStep(nowMs, mfa.intervalSeconds) + steps, mfa);
}

/** Makes an account, logs in and turns MFA on. */
export async function newMfaUser(product: ConnectedProduct, client: Client = product.newClient()): Promise<MfaUser> {
  const user = await seedUser(product, client);
  const enabled = await client.post('/users/me/mfa/enable', undefined, { token: user.token });
  if (enabled.status !== 200) throw new Error(`POST /users/me/mfa/enable: ${enabled.status} ${enabled.text}`);
  const codeAtInstant = authenticator(enabled.body.mfa_secret);
  const enrolledAt = Date.now();
  let passedMs = 0;
  const proof = { mfa_code: codeAtInstant(enrolledAt) };
  const verified = await atLast(() => client.post('/users/me/mfa/verify', proof, { token: user.token }));
  if (verified.status !== 200) throw new Error(`POST /users/me/mfa/verify: ${verified.status} ${verified.text}`);
  const code = (steps: number) => codeAtInstant(enrolledAt + passedMs, steps);
  return {
    ...user,
    recoveryCodes: verified.body.recovery_codes,
    code,
    wrongCode: () => {
      const near = [-2, -1, 0, 1, 2, 3].map(code);
      return (
        ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find((guess) => !near.includes(guess)) ??
        ''
      );
    },
    pass: async (steps) => {
      passedMs += steps * stepMs;
      await client.moveClock(passedMs);
    },
  };
}
