import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase32 } from './base32.ts';
import vectors from './migration-payload.data.json' with { type: 'json' };
import { migrationFaults, migrationOmissions, readMigrationParts, writeMigrationParts } from './migration-payload.ts';
import { accountFaults, accountWarnings, type OtpAccount } from './otp-account.ts';

const prefix = 'otpauth-migration://offline?data=';
const secret = new TextEncoder().encode('12345678901234567890');
const plain: OtpAccount = {
  otp_type: 'totp',
  algorithm: 'sha1',
  digits: 6,
  interval: 30,
  secret,
  issuer: 'Acme',
  account: 'alice',
};

// A writer of the wire format of its own, so that damage and other programs' habits can be written too.
function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const number = (field: number, value: bigint | number) => join(varint(field * 8), varint(value));
const block = (field: number, value: Uint8Array) => join(varint(field * 8 + 2), varint(value.length), value);
const text = (field: number, value: string) => block(field, new TextEncoder().encode(value));
const uriOf = (payload: Uint8Array) => prefix + encodeURIComponent(Buffer.from(payload).toString('base64'));

const entry = (...more: readonly Uint8Array[]) =>
  block(
    1,
    join(block(1, secret), text(2, 'alice'), text(3, 'Acme'), number(4, 1), number(5, 1), number(6, 2), ...more),
  );
const batch = (size: number, index: number, id: number) => join(number(3, size), number(4, index), number(5, id));
const readOne = (...payload: readonly Uint8Array[]) => readMigrationParts([uriOf(join(...payload))]);
const malformed = { part: 0, ok: false, reason: migrationFaults.malformed };

describe('published exports', () => {
  it.each(vectors.exports)('$name', ({ data, accounts }) => {
    const rows = readMigrationParts([prefix + data]);
    expect(rows).toHaveLength(accounts.length);
    for (const [index, account] of accounts.entries()) {
      const key = Uint8Array.from(Buffer.from(account.secret_hex, 'hex'));
      expect(encodeBase32(key)).toBe(account.secret_base32);
      expect(rows[index]).toMatchObject({
        part: 0,
        ok: true,
        value: { ...plain, secret: key, issuer: account.issuer, account: account.account },
      });
    }
  });

  it('M1 says neither algorithm nor digits: SHA1 and 6 are taken, which is said', () => {
    const [row] = readMigrationParts([prefix + (vectors.exports[0]?.data ?? '')]);
    expect(row).toMatchObject({ warnings: [accountWarnings.secret_short, accountWarnings.unspecified] });
  });
});

describe('the layers', () => {
  it('a raw + is a symbol of base64, not a space', () => {
    const raw = uriOf(entry()).replace(
      /data=.*/,
      `data=${Buffer.from(entry(text(9, '~~~>>>???'))).toString('base64')}`,
    );
    expect(raw).toMatch(/[+/]/);
    expect(readMigrationParts([raw])).toMatchObject([{ ok: true }]);
    expect(readMigrationParts([raw.replaceAll('+', ' ')])).toMatchObject([{ reason: migrationFaults.encoding }]);
  });

  it.each([
    ['otpauth-migration://offline', migrationFaults.not_migration],
    ['otpauth-migration://offline?data=', migrationFaults.not_migration],
    ['otpauth-migration://online?data=AAAA', migrationFaults.not_migration],
    ['otpauth://totp/a?secret=AAAA', migrationFaults.not_migration],
    ['', migrationFaults.not_migration],
    [`${prefix}%`, migrationFaults.encoding],
    [`${prefix}A`, migrationFaults.encoding],
    [`${prefix}A*BC`, migrationFaults.encoding],
    [`${prefix}AA==AA==`, migrationFaults.encoding],
    [`${prefix}AB`, migrationFaults.encoding],
  ])('%j is refused', (uri, reason) => {
    expect(readMigrationParts([uri])).toEqual([{ part: 0, ok: false, reason }]);
  });

  it('padding may be missing, other parameters may stand around', () => {
    const data = Buffer.from(entry()).toString('base64').replace(/=+$/, '');
    expect(readMigrationParts([`  otpauth-migration://offline/?x=1&data=${data}&y=2\n`])).toMatchObject([{ ok: true }]);
  });

  it('an export of more than 64 KiB or 1,000 accounts is refused', () => {
    expect(readOne(block(9, new Uint8Array(65_537)))).toMatchObject([{ reason: migrationFaults.too_large }]);
    const tiny = block(1, Uint8Array.of());
    expect(readOne(...Array.from({ length: 1000 }, () => tiny))).toHaveLength(1000);
    expect(readOne(...Array.from({ length: 1001 }, () => tiny))).toEqual([
      { part: 0, ok: false, reason: migrationFaults.too_many },
    ]);
  });

  it('so are those parts of several exports that come after the thousandth account', () => {
    const tiny = uriOf(join(...Array.from({ length: 600 }, () => block(1, Uint8Array.of()))));
    const rows = readMigrationParts([tiny, tiny, uriOf(entry())]);
    expect(rows).toHaveLength(602);
    expect(rows.slice(0, 2)).toEqual([1, 2].map((part) => ({ part, ok: false, reason: migrationFaults.too_many })));
  });
});

describe('the message (proto3)', () => {
  it('unknown fields are ignored, of every wire type', () => {
    const unknown = join(
      number(77, 5),
      text(78, 'x'),
      join(varint(79 * 8 + 1), new Uint8Array(8)),
      join(varint(80 * 8 + 5), new Uint8Array(4)),
    );
    expect(readOne(unknown, entry(unknown))).toEqual([{ part: 0, ok: true, value: plain, warnings: [] }]);
  });

  it('of a field that occurs twice the last one counts', () => {
    expect(readOne(entry(number(5, 2), text(3, 'Other')))).toMatchObject([{ value: { digits: 8, issuer: 'Other' } }]);
  });

  it('an empty message holds no account', () => {
    expect(readOne(number(2, 1))).toEqual([]);
  });

  it.each([
    ['a cut-off field', entry().subarray(0, -1)],
    ['a length beyond the end', join(varint(10), varint(200), Uint8Array.of(1))],
    ['a length of 4 GiB', join(varint(10), varint(0xffffffff), Uint8Array.of(1))],
    ['field number 0', Uint8Array.of(0, 0)],
    ['wire type 7', Uint8Array.of(15, 0)],
    ['an endless varint', new Uint8Array(40).fill(255)],
    ['an unclosed group', join(varint(9 * 8 + 3), number(1, 1))],
    ['an account that is a number', number(1, 5)],
    ['a batch size that is a text', join(entry(), text(3, '1'))],
    ['a batch index beyond the batch', join(entry(), batch(2, 2, 5))],
    ['a negative batch index', join(entry(), batch(2, -1, 5))],
    ['a negative batch size', join(entry(), batch(-2, 0, 5))],
    ['a batch of 101 parts', join(entry(), batch(101, 0, 5))],
  ])('%s is damage', (_, payload) => {
    expect(readOne(payload)).toEqual([malformed]);
  });

  it.each([
    ['a secret that is a number', number(1, 5)],
    ['a name that is not UTF-8', block(2, Uint8Array.of(0xff))],
    ['an issuer that is a number', number(3, 5)],
  ])('%s spoils its own account only', (_, field) => {
    expect(readOne(entry(field), entry())).toMatchObject([malformed, { ok: true }]);
  });

  it('any bytes are answered, and fast', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const row of readOne(bytes, entry())) expect(row.part).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an account', () => {
  it.each([
    [2, 'sha256'],
    [3, 'sha512'],
    [0, 'sha1'],
  ])('algorithm %i is %s', (value, algorithm) => {
    expect(readOne(entry(number(4, value)))).toMatchObject([{ ok: true, value: { algorithm } }]);
  });

  it('says when algorithm, digits or type were left open', () => {
    for (const field of [4, 5, 6]) {
      expect(readOne(entry(number(field, 0)))).toMatchObject([
        { ok: true, value: plain, warnings: [accountWarnings.unspecified] },
      ]);
    }
  });

  it.each([
    ['MD5', number(4, 4), accountFaults.algorithm],
    ['an unknown algorithm', number(4, 9), accountFaults.algorithm],
    ['a negative algorithm', number(4, -1), accountFaults.algorithm],
    ['an unknown number of digits', number(5, 3), accountFaults.digits],
    ['an unknown type', number(6, 3), accountFaults.type],
    ['no secret', block(1, Uint8Array.of()), accountFaults.secret_missing],
    ['a secret of 9 bytes', block(1, new Uint8Array(9)), accountFaults.secret_short],
    ['a secret of 129 bytes', block(1, new Uint8Array(129)), accountFaults.secret_long],
    ['an issuer of 65 characters', text(3, 'i'.repeat(65)), accountFaults.issuer_long],
    ['a period of 5 s', number(8, 5), accountFaults.period],
    ['a negative counter', join(number(6, 1), number(7, -1)), accountFaults.counter],
    ['a counter of 2^53', join(number(6, 1), number(7, 2n ** 53n)), accountFaults.counter],
    ['a counter that is a text', join(number(6, 1), text(7, '1')), accountFaults.counter],
  ])('with %s is refused', (_, field, reason) => {
    expect(readOne(entry(field))).toEqual([{ part: 0, ok: false, reason }]);
  });

  it.each([0n, 1n, 2n ** 32n + 1n, 2n ** 53n - 1n])('of HOTP has the counter %s', (counter) => {
    expect(readOne(entry(number(6, 1), number(7, counter)))).toMatchObject([
      { ok: true, value: { otp_type: 'hotp', counter: Number(counter) } },
    ]);
  });

  it('of HOTP without a counter starts at 0, as proto3 leaves out zeros', () => {
    expect(readOne(entry(number(6, 1)))).toMatchObject([{ value: { otp_type: 'hotp', counter: 0 } }]);
  });

  it('has the period that some programs write, and 30 s without; a text in that field means nothing', () => {
    expect(readOne(entry(number(8, 60)))).toMatchObject([{ value: { interval: 60 } }]);
    expect(readOne(entry(number(8, 0)))).toMatchObject([{ value: { interval: 30 } }]);
    expect(readOne(entry(text(8, 'unique-id')))).toMatchObject([{ ok: true, value: { interval: 30 } }]);
  });

  it.each([
    ['Acme:alice', 'Acme', 'Acme', 'alice'],
    ['alice', 'Acme', 'Acme', 'alice'],
    ['Acme: alice', '', 'Acme', 'alice'],
    ['Amazon:765595469557', '', 'Amazon', '765595469557'],
    ['A:B:alice', 'A:B', 'A:B', 'alice'],
    ['alice', '', '', 'alice'],
  ])('named %j with issuer %j is of %j and %j', (name, field, issuer, account) => {
    expect(readOne(entry(text(2, name), text(3, field)))).toMatchObject([{ value: { issuer, account }, warnings: [] }]);
  });

  it('says when name and issuer disagree', () => {
    expect(readOne(entry(text(2, 'Old:alice'), text(3, 'New')))).toMatchObject([
      { value: { issuer: 'New', account: 'alice' }, warnings: [accountWarnings.issuer_mismatch] },
    ]);
  });
});

describe('an export in parts', () => {
  const id = -2_115_321_764;
  const part = (size: number, index: number, name: string, batchId = id) =>
    uriOf(join(entry(text(2, name)), number(2, 1), batch(size, index, batchId)));
  const accountsOf = (uris: string[]) =>
    readMigrationParts(uris).map((row) => (row.ok ? row.value.account : row.reason));
  const missing = (which: string, of: number) =>
    `Of the ${of} parts of this export these are missing: ${which}. Add their QR codes too.`;

  it('writes a negative batch id in ten bytes, as the published one has it', () => {
    expect(Buffer.from(number(5, id)).toString('hex')).toBe('28dc80ab8ff8ffffffff01');
  });

  it('is put together by its batch id, in its order', () => {
    expect(accountsOf([part(3, 2, 'c'), part(3, 0, 'a'), part(3, 1, 'b')])).toEqual(['a', 'b', 'c']);
  });

  it('names the parts that are missing and reads the others', () => {
    expect(accountsOf([part(4, 3, 'd'), part(4, 1, 'b')])).toEqual(['b', 'd', missing('1, 3', 4)]);
  });

  it('is not mixed with another one', () => {
    expect(accountsOf([part(2, 0, 'a'), part(2, 1, 'x', 7), part(2, 1, 'b')])).toEqual([
      'a',
      'b',
      'x',
      missing('1', 2),
    ]);
  });

  it('counts a part that was scanned twice once', () => {
    expect(accountsOf([part(2, 0, 'a'), part(2, 0, 'a'), part(2, 1, 'b')])).toEqual(['a', 'b']);
  });

  it('knows of each row which URI it came from', () => {
    const rows = readMigrationParts(['nonsense', part(2, 1, 'b'), part(2, 0, 'a'), part(1, 0, 'z')]);
    expect(rows.map((row) => row.part)).toEqual([0, 2, 1, 3]);
  });
});

describe('writeMigrationParts', () => {
  const numbered = (count: number): OtpAccount[] =>
    Array.from({ length: count }, (_, index) => ({ ...plain, account: `account-${index}` }));
  const read = (uris: readonly string[]) =>
    readMigrationParts(uris).map((row) => {
      if (!row.ok) throw new Error(`The export was refused: ${row.reason}`);
      return row.value;
    });

  it.each([
    [0, 0],
    [1, 1],
    [10, 1],
    [11, 2],
    [95, 10],
  ])('puts %i accounts into %i parts, and they are read back in order', (count, parts) => {
    const { uris, omitted } = writeMigrationParts(numbered(count));
    expect(uris).toHaveLength(parts);
    expect(omitted).toEqual([]);
    expect(read(uris)).toEqual(numbered(count));
    expect(read([...uris].reverse())).toEqual(numbered(count));
  });

  it('gives the parts one batch, negative ids included, so that a lost one is named', () => {
    const { uris } = writeMigrationParts(numbered(25), () => Uint8Array.of(0x81, 0xea, 0xc0, 0x5c));
    expect(Buffer.from(decodeURIComponent(uris[0] ?? '').slice(prefix.length), 'base64').toString('hex')).toMatch(
      /28dc80ab8ff8ffffffff01$/,
    );
    expect(readMigrationParts(uris.slice(1)).filter((row) => !row.ok)).toHaveLength(1);
  });

  it('names what the format cannot say and exports the rest', () => {
    const { uris, omitted } = writeMigrationParts([
      { ...plain, digits: 7 },
      plain,
      { ...plain, interval: 60 },
      { ...plain, digits: 8 },
    ]);
    expect(omitted).toEqual([
      { index: 0, reason: migrationOmissions.digits },
      { index: 2, reason: migrationOmissions.interval },
    ]);
    expect(read(uris)).toEqual([plain, { ...plain, digits: 8 }]);
  });

  it('puts fewer into a part where names are long, so that each part fits into a QR code', () => {
    const longest: OtpAccount = {
      ...plain,
      otp_type: 'hotp',
      counter: Number.MAX_SAFE_INTEGER,
      secret: new Uint8Array(128).fill(255),
      issuer: '漢'.repeat(64),
      account: '漢'.repeat(128),
    };
    const mixed = numbered(50).flatMap((account, index) => (index % 5 === 0 ? [account, longest] : [account]));
    const { uris, omitted } = writeMigrationParts(mixed);
    expect(omitted).toEqual([]);
    expect(Math.max(...uris.map((uri) => uri.length))).toBeLessThanOrEqual(2331);
    expect(read(uris)).toHaveLength(60);
  });

  it('names what is beyond a hundred parts', () => {
    const { uris, omitted } = writeMigrationParts([...numbered(1001), { ...plain, digits: 7 }]);
    expect(uris).toHaveLength(100);
    expect(read(uris)).toEqual(numbered(1000));
    expect(omitted).toEqual([
      { index: 1001, reason: migrationOmissions.digits },
      { index: 1000, reason: migrationOmissions.full },
    ]);
  });

  it('percent-encodes the data, so that no + is left for a space', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (key) => {
        const { uris } = writeMigrationParts([{ ...plain, secret: key }]);
        expect(uris[0]).toMatch(/^otpauth-migration:\/\/offline\?data=[A-Za-z0-9%]+$/);
        expect(read(uris)).toEqual([{ ...plain, secret: key }]);
      }),
    );
  });

  it('gives back every account that it was given', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((value) => value.trim());
    const names = fc
      .record({ issuer: name, account: name })
      .filter(({ issuer, account }) => issuer !== '' || !account.includes(':'));
    const kind = fc.oneof(
      fc.record({ otp_type: fc.constant('totp' as const), interval: fc.constant(30) }),
      fc.record({ otp_type: fc.constant('hotp' as const), counter: fc.maxSafeNat() }),
    );
    const common = fc.record({
      secret: fc.uint8Array({ minLength: 10, maxLength: 128 }),
      algorithm: fc.constantFrom('sha1' as const, 'sha256' as const, 'sha512' as const),
      digits: fc.constantFrom(6, 8),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, kind, common), { maxLength: 23 }), (tuples) => {
        const accounts = tuples.map(([who, what, how]): OtpAccount => ({ ...who, ...what, ...how }));
        expect(read(writeMigrationParts(accounts).uris)).toEqual(accounts);
      }),
    );
  });
});
