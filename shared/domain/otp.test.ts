import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32 } from './base32.ts';
import { codeAt, highestMatch, matchingCounters, type OtpAlgorithm, remainingSeconds, timeStep } from './otp.ts';
import rfc4226 from './rfc4226.data.json' with { type: 'json' };
import rfc6238 from './rfc6238.data.json' with { type: 'json' };

const algorithms: OtpAlgorithm[] = ['sha1', 'sha256', 'sha512'];

/** RFC 4226 §5.3 once more, on integers of any size and without the library. */
function independentCode(secret: Uint8Array, counter: bigint, algorithm: OtpAlgorithm, digits: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(counter);
  const mac = createHmac(algorithm, secret).update(message).digest();
  const truncated = BigInt(mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf)) & 0x7fffffffn;
  return String(truncated % 10n ** BigInt(digits)).padStart(digits, '0');
}

function seedOf(base32: string): Uint8Array {
  const seed = decodeBase32(base32);
  if (!seed) throw new Error('The seed of a test is not base32.');
  return seed;
}

const secret = Uint8Array.from(Buffer.from(rfc4226.secret_hex, 'hex'));
const sixDigits = { algorithm: 'sha1', digits: 6 } as const;

describe('RFC 4226 Appendix D', () => {
  it('has its secret in base32 as the tables print it', () => {
    expect(seedOf(rfc4226.secret_base32)).toEqual(secret);
  });

  it.each(rfc4226.codes)('counter $counter has the codes of the table', ({ counter, codes }) => {
    expect(codeAt(secret, counter, { algorithm: 'sha1', digits: 6 })).toBe(codes['6']);
    expect(codeAt(secret, counter, { algorithm: 'sha1', digits: 7 })).toBe(codes['7']);
    expect(codeAt(secret, counter, { algorithm: 'sha1', digits: 8 })).toBe(codes['8']);
  });

  it.each(rfc4226.leading_zeros)('counter $counter keeps the leading zeros of $code', ({ counter, code }) => {
    expect(codeAt(secret, counter, sixDigits)).toBe(code);
    expect(matchingCounters(secret, sixDigits, [counter], code)).toEqual([counter]);
  });

  it.each(rfc4226.not_the_code_of_44)('does not take %j for 000152', (code) => {
    expect(matchingCounters(secret, sixDigits, [44], code)).toEqual([]);
  });
});

describe('RFC 6238 Appendix B', () => {
  it.each(rfc6238.times)('the codes of $utc', (row) => {
    const step = timeStep(row.unix * 1000, 30);
    expect(step).toBe(Number.parseInt(row.step_hex, 16));
    for (const algorithm of algorithms) {
      const seed = seedOf(rfc6238.seeds[algorithm]);
      expect(codeAt(seed, step, { algorithm, digits: 8 })).toBe(row[algorithm]);
      expect(codeAt(seed, step, { algorithm, digits: 6 })).toBe(row[algorithm].slice(2));
    }
  });

  it.each(rfc6238.times)('refuses at $utc what a seed of 20 bytes would give', (row) => {
    const step = timeStep(row.unix * 1000, 30);
    const around = Array.from({ length: 41 }, (_, index) => Math.max(step - 20, 0) + index);
    for (const [algorithm, wrong] of [
      ['sha256', row.wrong_sha256],
      ['sha512', row.wrong_sha512],
    ] as const) {
      expect(codeAt(seedOf(rfc6238.seeds.sha1), step, { algorithm, digits: 8 })).toBe(wrong);
      expect(matchingCounters(seedOf(rfc6238.seeds[algorithm]), { algorithm, digits: 8 }, around, wrong)).toEqual([]);
    }
  });

  it.each(rfc6238.step_edges)('the code at $unix s is $code', ({ unix, code }) => {
    expect(codeAt(secret, timeStep(unix * 1000, 30), sixDigits)).toBe(code);
  });

  it('a step lasts to its last millisecond', () => {
    expect(timeStep(29_999, 30)).toBe(0);
    expect(timeStep(30_000, 30)).toBe(1);
  });
});

describe('codeAt', () => {
  it.each([2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 40n + 44n, 2n ** 53n - 1n])(
    'uses all 64 bits of counter %s',
    (counter) => {
      for (const algorithm of algorithms) {
        const expected = independentCode(secret, counter, algorithm, 8);
        expect(codeAt(secret, Number(counter), { algorithm, digits: 8 })).toBe(expected);
      }
    },
  );

  it('does not take a counter for the one 2^32 below it', () => {
    expect(codeAt(secret, 2 ** 32, { algorithm: 'sha1', digits: 8 })).not.toBe('84755224');
  });

  it('agrees with an independent implementation on any secret, counter, hash and length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 10, maxLength: 128 }),
        fc.maxSafeNat(),
        fc.constantFrom(...algorithms),
        fc.constantFrom(6, 7, 8),
        (key, counter, algorithm, digits) => {
          expect(codeAt(key, counter, { algorithm, digits })).toBe(
            independentCode(key, BigInt(counter), algorithm, digits),
          );
        },
      ),
    );
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('throws on the counter %d', (counter) => {
    expect(() => codeAt(secret, counter, sixDigits)).toThrow();
  });
});

describe('matchingCounters', () => {
  it('finds every candidate with the code, wherever it stands', () => {
    expect(matchingCounters(secret, sixDigits, [9, 0, 3, 0], '755224')).toEqual([0, 0]);
    expect(matchingCounters(secret, sixDigits, [1, 2, 3], '755224')).toEqual([]);
    expect(matchingCounters(secret, sixDigits, [], '755224')).toEqual([]);
  });

  it('looks at all of them, and takes as long wherever the right one stands (SECURITY 7)', () => {
    const others = Array.from({ length: 3000 }, (_, index) => index + 1);
    const cpuOf = (candidates: readonly number[]) => {
      const started = process.cpuUsage();
      expect(matchingCounters(secret, sixDigits, candidates, '755224')).toContain(0);
      // Both parts: which of the two a moment belongs to is decided by sampling.
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    const [first, last]: [number[], number[]] = [[], []];
    for (let round = 0; round < 6; round++) {
      first.push(cpuOf([0, ...others]));
      last.push(cpuOf([...others, 0]));
    }
    // The least of several: what this machine does besides is not the comparison's.
    const ratio = Math.min(...first) / Math.min(...last);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  it('refuses a right code of another length than the configuration has', () => {
    expect(matchingCounters(secret, sixDigits, [0], '4755224')).toEqual([]);
    expect(matchingCounters(secret, { algorithm: 'sha1', digits: 7 }, [0], '755224')).toEqual([]);
  });

  it('takes about a hundredth of a millisecond a candidate', () => {
    const candidates = Array.from({ length: 5000 }, (_, index) => index);
    const cpuMsEach = [1, 2, 3].map(() => {
      const started = process.cpuUsage();
      matchingCounters(secret, sixDigits, candidates, '000000');
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000 / candidates.length;
    });
    // Twice that, for a busy machine. A key made anew for every HMAC is above it.
    expect(Math.min(...cpuMsEach)).toBeLessThan(0.02);
  });
});

describe('highestMatch', () => {
  it('takes the highest of two candidates with one code', () => {
    // Counters 0 … of this secret: the first two that share a code are found by search, not by assumption.
    const seen = new Map<string, number>();
    let pair: [number, number] | undefined;
    for (let counter = 0; !pair; counter += 1) {
      const code = codeAt(secret, counter, sixDigits);
      const earlier = seen.get(code);
      if (earlier !== undefined) pair = [earlier, counter];
      seen.set(code, counter);
    }
    expect(highestMatch(secret, sixDigits, pair, codeAt(secret, pair[0], sixDigits))).toBe(pair[1]);
  });

  it('is undefined without a match', () => {
    expect(highestMatch(secret, sixDigits, [1, 2], '755224')).toBeUndefined();
  });
});

describe('remainingSeconds', () => {
  it.each([
    [0, 30, 30],
    [1, 30, 30],
    [1000, 30, 29],
    [29_000, 30, 1],
    [29_999, 30, 1],
    [30_000, 30, 30],
    [59_500, 60, 1],
    [299_999, 300, 1],
  ])('at %i ms of an interval of %i s is %i', (nowMs, interval, expected) => {
    expect(remainingSeconds(nowMs, interval)).toBe(expected);
  });

  it('is always 1 to the interval, and the code changes when it is over', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20_000_000_000_000 }), fc.integer({ min: 10, max: 300 }), (nowMs, interval) => {
        const seconds = remainingSeconds(nowMs, interval);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(interval);
        expect(timeStep(nowMs + seconds * 1000, interval)).toBe(timeStep(nowMs, interval) + 1);
        expect(timeStep(nowMs + (seconds - 1) * 1000, interval)).toBe(timeStep(nowMs, interval));
      }),
    );
  });
});
