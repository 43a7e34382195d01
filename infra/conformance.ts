import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import rfc6238 from '../shared/domain/rfc6238.data.json' with { type: 'json' };
import { root } from './build.ts';
import { secretNamed } from './testing/authenticator.ts';

/*
 * `npm run conformance`: asks oathtool, which nobody here wrote, for the codes that the tests compare ours with, and writes them down.
 * So the comparison is part of every test run, and only who makes the table again (CI does, and looks for a difference) needs the
 * program.
 */

interface Account {
  readonly otp_type: 'totp' | 'hotp';
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: number;
  /** TOTP: seconds of a step. HOTP: absent. */
  readonly interval?: number;
  readonly secret_hex: string;
  /** By Unix second (TOTP) or counter (HOTP). */
  readonly codes: Readonly<Record<string, string>>;
}

const algorithms = ['sha1', 'sha256', 'sha512'] as const;
const digitCounts = [6, 7, 8];
const instants = rfc6238.times.map(({ unix }) => unix);
const counters = [0, 2 ** 31, 2 ** 32 + 44, Number.MAX_SAFE_INTEGER];
// Shorter and longer than a block of the hash (64, 64 and 128 bytes), which HMAC treats differently.
const secretLengths = { 10: 10, 30: 64, 300: 128 } as const;

function oathtool(...args: string[]): string {
  try {
    return execFileSync('oathtool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      console.error('There is no oathtool here: install the Debian package of that name (apt-get install oathtool).');
      process.exit(1);
    }
    throw cause;
  }
}

function askFor(account: Omit<Account, 'codes'>, moments: readonly number[]): Account {
  const codes = moments.map((moment) => [
    moment,
    oathtool(
      // It has HOTP with SHA-1 only; a counter is the same thing as a time step, and so as a second in steps of one second.
      `--totp=${account.algorithm.toUpperCase()}`,
      `--time-step-size=${account.interval ?? 1}s`,
      `--now=@${moment}`,
      `--digits=${account.digits}`,
      account.secret_hex,
    ),
  ]);
  return { ...account, codes: Object.fromEntries(codes) };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const each = algorithms.flatMap((algorithm) => digitCounts.map((digits) => ({ algorithm, digits })));
const totp = each.flatMap(({ algorithm, digits }) =>
  ([10, 30, 300] as const).map((interval) => {
    const secret = secretNamed(`totp ${algorithm} ${digits}`, secretLengths[interval]);
    return askFor({ otp_type: 'totp', algorithm, digits, interval, secret_hex: hex(secret) }, instants);
  }),
);
const hotp = each.flatMap(({ algorithm, digits }) =>
  counters.map((counter) => {
    // Each with a secret of its own: an import takes accounts that differ in their counters only for one.
    const secret = secretNamed(`hotp ${algorithm} ${digits} ${counter}`);
    return askFor({ otp_type: 'hotp', algorithm, digits, secret_hex: hex(secret) }, [counter]);
  }),
);
for (const { algorithm, digits, secret_hex, codes } of hotp.filter((account) => account.algorithm === 'sha1')) {
  const [counter = '', code] = Object.entries(codes)[0] ?? [];
  const asHotp = oathtool('--hotp', `--counter=${counter}`, `--digits=${digits}`, secret_hex);
  if (asHotp !== code) throw new Error(`oathtool itself tells HOTP from TOTP of one second: ${algorithm}, ${digits}`);
}

const source = 'oathtool, the program of the OATH Toolkit; written by `npm run conformance`';
const accounts = [...totp, ...hotp].map((account) => `    ${JSON.stringify(account)}`);
const text = `{\n  "source": ${JSON.stringify(source)},\n  "accounts": [\n${accounts.join(',\n')}\n  ]\n}\n`;
await writeFile(join(root, 'shared/domain/oathtool.data.json'), text);
