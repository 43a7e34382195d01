import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeAt } from './otp.ts';
import { decideHotp, decideResync, decideTotp, type HotpState, type TotpState } from './verify-code.ts';

const secret = new TextEncoder().encode('12345678901234567890');
const totp: TotpState = { algorithm: 'sha1', digits: 6, interval: 30, window: 1 };
const hotp: HotpState = { algorithm: 'sha1', digits: 6, counter: 0, look_ahead: 3 };
const nowMs = 1_111_111_111_000;
const now = 37_037_037;
const counterMax = Number.MAX_SAFE_INTEGER;

/** The first two counters of this secret that are two apart and have the same code. */
const twin = { lower: 153_567, higher: 153_569, code: '468457' };

const code = (counter: number) => codeAt(secret, counter, totp);
const tryTotp = (given: string, config: Partial<TotpState> = {}, atMs = nowMs) =>
  decideTotp({ secret, config: { ...totp, ...config }, code: given, nowMs: atMs });
const tryHotp = (given: string, config: Partial<HotpState> = {}, requested?: number) =>
  decideHotp({ secret, config: { ...hotp, ...config }, code: given, requested_counter: requested });

it('the twin counters of this test have one code', () => {
  expect([code(twin.lower), code(twin.higher)]).toEqual([twin.code, twin.code]);
});

describe('TOTP (RFC 6238 §5.2)', () => {
  it('takes the code of the present step and of the steps within the window', () => {
    expect(tryTotp('050471')).toEqual({ result: 'valid', step: now });
    expect(tryTotp('081804')).toEqual({ result: 'valid', step: now - 1 });
    expect(tryTotp(code(now + 1))).toEqual({ result: 'valid', step: now + 1 });
  });

  it.each([-2, 2])('refuses the step %i away', (distance) => {
    expect(tryTotp(code(now + distance))).toEqual({ result: 'invalid' });
  });

  it.each([0, 1, 2])('a window of %i takes exactly so many steps to either side', (window) => {
    const taken = [-3, -2, -1, 0, 1, 2, 3].filter((n) => tryTotp(code(now + n), { window }).result === 'valid');
    expect(taken).toEqual([-3, -2, -1, 0, 1, 2, 3].filter((n) => Math.abs(n) <= window));
  });

  it('calls the consumed step and every step before it replayed', () => {
    expect(tryTotp('050471', { last_step: now })).toEqual({ result: 'replayed' });
    expect(tryTotp('081804', { last_step: now })).toEqual({ result: 'replayed' });
    expect(tryTotp(code(now + 1), { last_step: now })).toEqual({ result: 'valid', step: now + 1 });
  });

  it('consumes the highest step when one code is that of two, and looks at steps, never at digits (SECURITY 2, 8)', () => {
    const atMs = (twin.lower + 1) * 30_000;
    expect(tryTotp(twin.code, {}, atMs)).toEqual({ result: 'valid', step: twin.higher });
    expect(tryTotp(twin.code, { last_step: twin.lower }, atMs)).toEqual({ result: 'valid', step: twin.higher });
    expect(tryTotp(twin.code, { last_step: twin.higher }, atMs)).toEqual({ result: 'replayed' });
  });

  it('has no candidates before step 0', () => {
    expect(tryTotp('755224', { window: 2 }, 0)).toEqual({ result: 'valid', step: 0 });
    expect(tryTotp(code(3), { window: 2 }, 0)).toEqual({ result: 'invalid' });
    expect(tryTotp('755224', { drift: -20 }, 0)).toEqual({ result: 'valid', step: 0 });
  });

  it('re-opens nothing when the clock steps back', () => {
    expect(tryTotp(code(now - 100), { last_step: now }, nowMs - 100 * 30_000)).toEqual({ result: 'replayed' });
  });

  it('looks around the server and around the device once a drift is known', () => {
    const config = { drift: 12 };
    const taken = Array.from({ length: 31 }, (_, index) => index - 15).filter(
      (distance) => tryTotp(code(now + distance), config).result === 'valid',
    );
    expect(taken).toEqual([-1, 0, 1, 11, 12, 13]);
    expect(tryTotp(code(now - 8), { drift: -8 })).toEqual({ result: 'valid', step: now - 8 });
  });

  it.each(['', '50471', '0504711', ' 050471', '050471 ', '０５０４７１', '+50471', '5.0471e4'])(
    'refuses %j',
    (given) => {
      expect(tryTotp(given)).toEqual({ result: 'invalid' });
    },
  );

  it('never takes a step at or below the last one, whatever the clock, window and drift', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: -20, max: 20 }),
        (serverStep, codeStep, last_step, window, drift) => {
          const decision = tryTotp(code(codeStep), { last_step, window, drift }, serverStep * 30_000);
          if (decision.result !== 'valid') return;
          expect(decision.step).toBeGreaterThan(last_step);
          const distance = Math.min(Math.abs(decision.step - serverStep), Math.abs(decision.step - serverStep - drift));
          expect(distance).toBeLessThanOrEqual(window);
        },
      ),
    );
  });

  it('works in the year 2603 and on long intervals', () => {
    expect(decideTotp({ secret, config: { ...totp, digits: 8 }, code: '65353130', nowMs: 20_000_000_000_000 })).toEqual(
      { result: 'valid', step: 0x27bc86aa },
    );
    expect(tryTotp(code(Math.floor(nowMs / 300_000)), { interval: 300 })).toMatchObject({ result: 'valid' });
  });
});

describe('HOTP (RFC 4226 §7.2)', () => {
  it('takes the counter and what lies within the look-ahead, and moves past the match', () => {
    expect(tryHotp('755224')).toEqual({ result: 'valid', counter: 0, next_counter: 1 });
    expect(tryHotp('969429')).toEqual({ result: 'valid', counter: 3, next_counter: 4 });
  });

  it('never looks behind the counter or past the look-ahead', () => {
    expect(tryHotp('755224', { counter: 1 })).toEqual({ result: 'invalid' });
    expect(tryHotp('338314')).toEqual({ result: 'invalid' });
    expect(tryHotp('287082', { look_ahead: 0 })).toEqual({ result: 'invalid' });
  });

  it('lets the caller narrow the range to one counter of it', () => {
    expect(tryHotp('359152', {}, 2)).toEqual({ result: 'valid', counter: 2, next_counter: 3 });
    expect(tryHotp('359152', {}, 1)).toEqual({ result: 'invalid' });
  });

  it('lets the caller neither rewind nor skip', () => {
    expect(tryHotp('755224', { counter: 5 }, 0)).toEqual({ result: 'invalid' });
    expect(tryHotp(code(9), {}, 9)).toEqual({ result: 'invalid' });
    expect(tryHotp('755224', {}, 0.5)).toEqual({ result: 'invalid' });
  });

  it('moves past the highest counter when one code is that of two', () => {
    const { lower, higher } = twin;
    expect(tryHotp(twin.code, { counter: lower })).toEqual({
      result: 'valid',
      counter: higher,
      next_counter: higher + 1,
    });
    expect(tryHotp(twin.code, { counter: higher + 1 })).toEqual({ result: 'invalid' });
  });

  it('counts in 64 bits', () => {
    const counter = 2 ** 32 + 7;
    expect(tryHotp(code(counter), { counter })).toMatchObject({ result: 'valid', counter });
    expect(tryHotp(code(7), { counter })).toEqual({ result: 'invalid' });
  });

  it('ends at 2^53 − 1: that counter is taken once, then nothing is', () => {
    const last = code(counterMax);
    const decision = tryHotp(last, { counter: counterMax - 1, look_ahead: 20 });
    expect(decision).toEqual({ result: 'valid', counter: counterMax, next_counter: 2 ** 53 });
    expect(tryHotp(last, { counter: 2 ** 53, look_ahead: 20 })).toEqual({ result: 'invalid' });
  });

  it('accepts every code at most once over any run of tries', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 }), (tries) => {
        let counter = 0;
        const accepted: number[] = [];
        for (const tried of tries) {
          const decision = tryHotp(code(tried), { counter });
          if (decision.result !== 'valid') continue;
          expect(decision.counter).toBeGreaterThanOrEqual(counter);
          expect(decision.counter).toBeLessThanOrEqual(counter + hotp.look_ahead);
          accepted.push(decision.counter);
          counter = decision.next_counter;
        }
        expect(new Set(accepted).size).toBe(accepted.length);
      }),
    );
  });
});

describe('resynchronisation (RFC 4226 §7.4)', () => {
  const resyncHotp = (first: number, second: number, counter = 10) =>
    decideResync({
      secret,
      config: { ...hotp, otp_type: 'hotp', counter },
      code1: code(first),
      code2: code(second),
      nowMs,
    });
  const resyncTotp = (first: number, second: number, config: Partial<TotpState> = {}) =>
    decideResync({
      secret,
      config: { ...totp, ...config, otp_type: 'totp' },
      code1: code(now + first),
      code2: code(now + second),
      nowMs,
    });

  it('HOTP: moves past the second of two consecutive codes', () => {
    expect(resyncHotp(60, 61)).toEqual({ result: 'resynced', otp_type: 'hotp', counter: 61, next_counter: 62 });
    expect(resyncHotp(10, 11)).toMatchObject({ result: 'resynced', next_counter: 12 });
  });

  it('HOTP: both codes lie within 100 counters', () => {
    expect(resyncHotp(109, 110)).toMatchObject({ result: 'resynced', counter: 110 });
    expect(resyncHotp(110, 111)).toEqual({ result: 'invalid' });
  });

  it('HOTP: never moves backwards', () => {
    expect(resyncHotp(9, 10)).toEqual({ result: 'invalid' });
    expect(resyncHotp(3, 4)).toEqual({ result: 'invalid' });
  });

  it('HOTP: refuses codes that are not consecutive, are swapped or are the same', () => {
    expect(resyncHotp(20, 22)).toEqual({ result: 'invalid' });
    expect(resyncHotp(21, 20)).toEqual({ result: 'invalid' });
    expect(resyncHotp(20, 20)).toEqual({ result: 'invalid' });
  });

  it('HOTP: ends at 2^53 − 1', () => {
    expect(resyncHotp(counterMax - 1, counterMax, counterMax - 5)).toMatchObject({ next_counter: 2 ** 53 });
    expect(resyncHotp(counterMax, counterMax, counterMax)).toEqual({ result: 'invalid' });
  });

  it.each([
    [7, 8],
    [-9, -8],
    [19, 20],
    [-20, -19],
    [-1, 0],
  ])('TOTP: steps %i and %i away are consumed and remembered as drift', (first, second) => {
    expect(resyncTotp(first, second)).toEqual({
      result: 'resynced',
      otp_type: 'totp',
      step: now + second,
      drift: second,
    });
  });

  it.each([
    [20, 21],
    [-21, -20],
  ])('TOTP: refuses steps %i and %i away', (first, second) => {
    expect(resyncTotp(first, second)).toEqual({ result: 'invalid' });
  });

  it('TOTP: both codes are beyond the last consumed step', () => {
    expect(resyncTotp(-6, -5, { last_step: now - 6 })).toEqual({ result: 'invalid' });
    expect(resyncTotp(-6, -5, { last_step: now - 7 })).toMatchObject({ result: 'resynced', drift: -5 });
    expect(resyncTotp(-6, -5, { last_step: now + 1000 })).toEqual({ result: 'invalid' });
  });

  it('TOTP: the next code of the device is valid afterwards, the two that were given are not', () => {
    const drift = 15;
    const config = { drift, last_step: now + drift };
    expect(tryTotp(code(now + drift + 1), config)).toEqual({ result: 'valid', step: now + drift + 1 });
    expect(tryTotp(code(now + drift), config)).toEqual({ result: 'replayed' });
    expect(tryTotp(code(now + drift - 1), config)).toEqual({ result: 'replayed' });
  });
});
