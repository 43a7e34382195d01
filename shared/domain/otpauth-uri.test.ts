import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32 } from './base32.ts';
import { accountFaults, accountWarnings, type OtpAccount, type ReadAccount } from './otp-account.ts';
import { buildOtpauthUri, parseOtpauthUri } from './otpauth-uri.ts';

const secretText = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const secret = new TextEncoder().encode('12345678901234567890');
const defaults = { otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30, secret } as const;

/** A URI with a good secret: what is under test are its other parts. */
const uri = (label: string, query = '') => `otpauth://totp/${label}?secret=${secretText}${query}`;

function accountOf(read: ReadAccount): OtpAccount {
  if (!read.ok) throw new Error(`The URI was refused: ${read.reason}`);
  return read.value;
}

describe('published examples', () => {
  it('Example:alice@google.com', () => {
    const read = parseOtpauthUri('otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example');
    expect(read).toEqual({
      ok: true,
      value: {
        ...defaults,
        secret: Uint8Array.from(Buffer.from('48656c6c6f21deadbeef', 'hex')),
        issuer: 'Example',
        account: 'alice@google.com',
      },
      warnings: [accountWarnings.secret_short],
    });
  });

  it('ACME Co:john.doe@email.com', () => {
    const read = parseOtpauthUri(
      'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30',
    );
    expect(read).toEqual({
      ok: true,
      value: {
        ...defaults,
        secret: decodeBase32('HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ'),
        issuer: 'ACME Co',
        account: 'john.doe@email.com',
      },
      warnings: [],
    });
  });

  it('an encoded colon with an encoded space', () => {
    expect(accountOf(parseOtpauthUri(uri('Big%20Corporation%3A%20alice%40bigco.com')))).toMatchObject({
      issuer: 'Big Corporation',
      account: 'alice@bigco.com',
    });
  });
});

describe('buildOtpauthUri', () => {
  const acme = { issuer: 'ACME & Söhne+Co', account: 'john doe+x@example.com' };

  it('emits the golden URI', () => {
    expect(buildOtpauthUri({ ...defaults, ...acme })).toBe(
      'otpauth://totp/ACME%20%26%20S%C3%B6hne%2BCo:john%20doe%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME%20%26%20S%C3%B6hne%2BCo&algorithm=SHA1&digits=6&period=30',
    );
  });

  it('and reads it back without a warning', () => {
    const read = parseOtpauthUri(buildOtpauthUri({ ...defaults, ...acme }));
    expect(read).toEqual({ ok: true, value: { ...defaults, ...acme }, warnings: [] });
  });

  it('emits a counter for HOTP, the period for TOTP, and no padding', () => {
    const { interval, ...rest } = defaults;
    const hotp = { ...rest, otp_type: 'hotp', counter: 2 ** 40, digits: 8, algorithm: 'sha512' } as const;
    expect(buildOtpauthUri({ ...hotp, secret: new Uint8Array(16), issuer: 'A', account: 'b' })).toBe(
      'otpauth://hotp/A:b?secret=AAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=A&algorithm=SHA512&digits=8&counter=1099511627776',
    );
    expect(interval).toBe(30);
  });

  it('leaves out an empty issuer', () => {
    expect(buildOtpauthUri({ ...defaults, issuer: '', account: 'alice' })).toBe(
      `otpauth://totp/alice?secret=${secretText}&algorithm=SHA1&digits=6&period=30`,
    );
  });

  it('encodes what is no Unicode text instead of throwing', () => {
    expect(buildOtpauthUri({ ...defaults, issuer: '', account: 'a\ud800' })).toContain('otpauth://totp/a%EF%BF%BD?');
  });

  it('gives back every account that it was given', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.trim());
    const names = fc
      .record({ issuer: name, account: name })
      .filter(({ issuer, account }) => account !== '' && (issuer !== '' || !account.includes(':')));
    const kind = fc.oneof(
      fc.record({ otp_type: fc.constant('totp' as const), interval: fc.integer({ min: 10, max: 300 }) }),
      fc.record({ otp_type: fc.constant('hotp' as const), counter: fc.maxSafeNat() }),
    );
    const common = fc.record({
      secret: fc.uint8Array({ minLength: 16, maxLength: 128 }),
      algorithm: fc.constantFrom('sha1' as const, 'sha256' as const, 'sha512' as const),
      digits: fc.constantFrom(6, 7, 8),
    });
    fc.assert(
      fc.property(names, kind, common, (who, what, how) => {
        const account: OtpAccount = { ...who, ...what, ...how };
        expect(parseOtpauthUri(buildOtpauthUri(account))).toEqual({ ok: true, value: account, warnings: [] });
      }),
    );
  });
});

describe('the label', () => {
  it.each([
    ['Acme:alice', 'Acme', 'alice'],
    ['Acme%3Aalice', 'Acme', 'alice'],
    ['Acme%3aalice', 'Acme', 'alice'],
    ['Acme:%20%20alice', 'Acme', 'alice'],
    ['Acme%3A%20alice', 'Acme', 'alice'],
    ['Acme: alice', 'Acme', 'alice'],
    ['alice', '', 'alice'],
    [':alice', '', 'alice'],
    ['A%3AB:alice', 'A:B', 'alice'],
    ['Acme:host:22', 'Acme', 'host:22'],
    ['Acme%3Ahost%3A22', 'Acme', 'host:22'],
    ['Acme/Shop:al/ice', 'Acme/Shop', 'al/ice'],
    ['%E2%9C%93:%F0%9F%98%80', '✓', '😀'],
  ])('%j names %j and %j', (label, issuer, account) => {
    expect(accountOf(parseOtpauthUri(uri(label)))).toMatchObject({ issuer, account });
  });

  it.each([`otpauth://totp/?secret=${secretText}`, `otpauth://totp?secret=${secretText}`])(
    'may be empty, which is said: %j',
    (text) => {
      expect(parseOtpauthUri(text)).toMatchObject({
        ok: true,
        value: { issuer: '', account: '' },
        warnings: [accountWarnings.account_missing],
      });
    },
  );

  it('gives way to the issuer parameter where they differ, which is said', () => {
    expect(parseOtpauthUri(uri('Old:alice', '&issuer=New'))).toMatchObject({
      value: { issuer: 'New', account: 'alice' },
      warnings: [accountWarnings.issuer_mismatch],
    });
    expect(parseOtpauthUri(uri('Same:alice', '&issuer=Same'))).toMatchObject({ warnings: [] });
  });

  it('names the issuer where the parameter is missing or empty', () => {
    expect(accountOf(parseOtpauthUri(uri('Acme:alice')))).toMatchObject({ issuer: 'Acme' });
    expect(accountOf(parseOtpauthUri(uri('Acme:alice', '&issuer=')))).toMatchObject({ issuer: 'Acme' });
    expect(accountOf(parseOtpauthUri(uri('alice', '&issuer=Acme')))).toMatchObject({
      issuer: 'Acme',
      account: 'alice',
    });
  });

  it.each(['A%', 'A%zz', 'A%C3', '%FF:x', 'Acme:%'])('is refused when its encoding is broken: %j', (label) => {
    expect(parseOtpauthUri(uri(label))).toEqual({ ok: false, reason: accountFaults.encoding });
  });

  it('is refused when a part is longer than it can be kept', () => {
    expect(parseOtpauthUri(uri(`${'i'.repeat(65)}:a`))).toEqual({ ok: false, reason: accountFaults.issuer_long });
    expect(parseOtpauthUri(uri('a', `&issuer=${'i'.repeat(65)}`))).toEqual({
      ok: false,
      reason: accountFaults.issuer_long,
    });
    expect(parseOtpauthUri(uri('a'.repeat(129)))).toEqual({ ok: false, reason: accountFaults.account_long });
    expect(parseOtpauthUri(uri(`${'i'.repeat(64)}:${'a'.repeat(128)}`)).ok).toBe(true);
  });
});

describe('a plus', () => {
  it('is a plus and no space, and asks whether a space was meant', () => {
    expect(parseOtpauthUri(uri('ACME+Co:alice', '&issuer=ACME+Co'))).toMatchObject({
      value: { issuer: 'ACME+Co' },
      warnings: [accountWarnings.plus],
    });
    expect(parseOtpauthUri(uri('john+doe'))).toMatchObject({
      value: { account: 'john+doe' },
      warnings: [accountWarnings.plus],
    });
  });

  it('is meant in an address and where it is encoded', () => {
    expect(parseOtpauthUri(uri('Acme:john+work@example.com'))).toMatchObject({
      value: { account: 'john+work@example.com' },
      warnings: [],
    });
    expect(parseOtpauthUri(uri('A%2BB:c%2Bd', '&issuer=A%2BB'))).toMatchObject({
      value: { issuer: 'A+B', account: 'c+d' },
      warnings: [],
    });
  });
});

describe('a bare #', () => {
  it('does not cut the URI: what follows still counts, and it is said', () => {
    expect(parseOtpauthUri(uri('C#:alice', '&issuer=C#&digits=8'))).toMatchObject({
      value: { issuer: 'C#', account: 'alice', digits: 8 },
      warnings: [accountWarnings.hash],
    });
  });

  it('is nothing special when encoded', () => {
    expect(parseOtpauthUri(uri('C%23:alice'))).toMatchObject({ value: { issuer: 'C#' }, warnings: [] });
  });

  it('is refused rather than guessed at in a number', () => {
    expect(parseOtpauthUri(uri('alice', '&digits=8#x'))).toEqual({ ok: false, reason: accountFaults.digits });
  });
});

describe('the parameters', () => {
  it.each([
    ['sha1', 'sha1'],
    ['SHA-1', 'sha1'],
    ['HmacSHA1', 'sha1'],
    ['SHA256', 'sha256'],
    ['sha-256', 'sha256'],
    ['HmacSHA256', 'sha256'],
    ['HMAC-SHA512', 'sha512'],
    ['sha_512', 'sha512'],
  ])('algorithm=%s is %s', (written, algorithm) => {
    expect(accountOf(parseOtpauthUri(uri('a', `&algorithm=${written}`)))).toMatchObject({ algorithm });
  });

  it.each(['MD5', 'SHA', 'SHA384', 'SHA3-256', 'SHA11', '', '1', 'SHA1%00'])('algorithm=%s is refused', (written) => {
    expect(parseOtpauthUri(uri('a', `&algorithm=${written}`))).toEqual({ ok: false, reason: accountFaults.algorithm });
  });

  it.each([6, 7, 8])('digits=%i is taken', (digits) => {
    expect(accountOf(parseOtpauthUri(uri('a', `&digits=${digits}`)))).toMatchObject({ digits });
  });

  it.each(['5', '9', '0', '', '6.0', '6abc', '+6', '%206', '６', '0x6', '1e1', '-6', '99999999999999999999'])(
    'digits=%s is refused',
    (digits) => {
      expect(parseOtpauthUri(uri('a', `&digits=${digits}`))).toEqual({ ok: false, reason: accountFaults.digits });
    },
  );

  it.each([10, 30, 300])('period=%i is taken', (interval) => {
    expect(accountOf(parseOtpauthUri(uri('a', `&period=${interval}`)))).toMatchObject({ interval });
  });

  it.each(['0', '9', '301', '30abc', '', '-30', '30.5', 'NaN'])('period=%s is refused', (period) => {
    expect(parseOtpauthUri(uri('a', `&period=${period}`))).toEqual({ ok: false, reason: accountFaults.period });
  });

  const hotp = (query: string) => parseOtpauthUri(`otpauth://hotp/a?secret=${secretText}${query}`);

  it.each([
    ['0', 0],
    ['4294967297', 4_294_967_297],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('counter=%s is taken', (written, counter) => {
    expect(accountOf(hotp(`&counter=${written}`))).toMatchObject({ otp_type: 'hotp', counter });
  });

  it.each(['', '-1', '1abc', '9007199254740992', '9007199254740993', '1e3', '0x10'])(
    'counter=%s is refused',
    (written) => {
      expect(hotp(`&counter=${written}`)).toEqual({ ok: false, reason: accountFaults.counter });
    },
  );

  it('a HOTP URI needs its counter', () => {
    expect(hotp('')).toEqual({ ok: false, reason: accountFaults.counter_missing });
  });

  it('of two with one name the first is taken, which is said', () => {
    expect(parseOtpauthUri(uri('a', '&digits=8&digits=6'))).toMatchObject({
      value: { digits: 8 },
      warnings: [accountWarnings.duplicate],
    });
    expect(parseOtpauthUri(uri('a', '&secret=JBSWY3DPEHPK3PXP'))).toMatchObject({ value: { secret } });
  });

  it.each(['&image=https%3A%2F%2Fevil.example%2Fx.png', '&counter=5', '&foo=bar', '&lock'])(
    '%s means nothing here and is ignored, which is said',
    (query) => {
      expect(parseOtpauthUri(uri('a', query))).toEqual({
        ok: true,
        value: { ...defaults, issuer: '', account: 'a' },
        warnings: [accountWarnings.ignored],
      });
    },
  );

  it('may come in any order, in any case of their names and with empty pairs between', () => {
    expect(accountOf(parseOtpauthUri(`OTPAUTH://TOTP/a?&DIGITS=8&&Secret=${secretText}&`))).toMatchObject({
      digits: 8,
    });
  });

  it.each(['&issuer=%', '&issuer=%C3', '&%=1'])('%s is refused for its encoding', (query) => {
    expect(parseOtpauthUri(uri('a', query))).toEqual({ ok: false, reason: accountFaults.encoding });
  });
});

describe('the secret', () => {
  const withSecret = (text: string) => parseOtpauthUri(`otpauth://totp/a?secret=${text}`);

  it('may be written in lower case, with spaces, hyphens and padding', () => {
    for (const text of [secretText.toLowerCase(), 'GEZD-GNBV%20GY3TQOJQGEZDGNBVGY3TQOJQ', `${secretText}%3D%3D`]) {
      expect(accountOf(withSecret(text)).secret).toEqual(secret);
    }
  });

  it.each([
    ['', accountFaults.secret_missing],
    ['0189', accountFaults.secret_base32],
    ['GEZD+GNBV', accountFaults.secret_base32],
    ['GEZDGNBVGY3TQO', accountFaults.secret_base32],
    ['GEZDGNBVGY3TQ', accountFaults.secret_short],
    ['A'.repeat(208), accountFaults.secret_long],
  ])('%j is refused', (text, reason) => {
    expect(withSecret(text)).toEqual({ ok: false, reason });
  });

  it('is missing when no parameter has that name', () => {
    expect(parseOtpauthUri('otpauth://totp/a')).toEqual({ ok: false, reason: accountFaults.secret_missing });
    expect(parseOtpauthUri('otpauth://totp/a?')).toEqual({ ok: false, reason: accountFaults.secret_missing });
  });

  it('is said to be short below 128 bits', () => {
    expect(withSecret('A'.repeat(24))).toMatchObject({ warnings: [accountWarnings.secret_short] });
    expect(withSecret('A'.repeat(26))).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('what is no such URI', () => {
  it.each([
    ['', accountFaults.not_otpauth],
    ['hello', accountFaults.not_otpauth],
    ['https://example.com/?secret=GEZDGNBVGY3TQOJQ', accountFaults.not_otpauth],
    ['otpauth:totp/a?secret=GEZDGNBVGY3TQOJQ', accountFaults.not_otpauth],
    ['otpauth-migration://offline?data=AAAA', accountFaults.not_otpauth],
    [`otpauth://steam/a?secret=${secretText}`, accountFaults.type],
    [`otpauth://totp@evil/a?secret=${secretText}`, accountFaults.type],
    [`otpauth:///a?secret=${secretText}`, accountFaults.type],
  ])('%j is refused', (text, reason) => {
    expect(parseOtpauthUri(text)).toEqual({ ok: false, reason });
  });

  it('is more than 2,048 characters', () => {
    const pad = (length: number) => uri('a', '&x=').padEnd(length, 'x');
    expect(parseOtpauthUri(pad(2048)).ok).toBe(true);
    expect(parseOtpauthUri(pad(2049))).toEqual({ ok: false, reason: accountFaults.too_long });
  });

  it('white space around a URI is no part of it', () => {
    expect(parseOtpauthUri(`  ${uri('a')}\r\n`).ok).toBe(true);
  });

  it('is answered with a fixed sentence, whatever it holds: never with a piece of itself', () => {
    const reasons = new Set<string>(Object.values(accountFaults));
    const warnings = new Set<string>(Object.values(accountWarnings));
    const piece = fc.constantFrom(
      'otpauth://',
      'totp/',
      'hotp/',
      'a:b',
      '?',
      '&',
      '=',
      '%',
      '%3A',
      '#',
      '+',
      'secret=',
    );
    const text = fc.array(fc.oneof(piece, fc.constant(secretText), fc.string({ unit: 'binary', maxLength: 5 })));
    fc.assert(
      fc.property(text, (parts) => {
        const read = parseOtpauthUri(`otpauth://totp/${parts.join('')}`);
        if (read.ok) expect(read.warnings.every((warning) => warnings.has(warning))).toBe(true);
        else expect(reasons.has(read.reason)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
