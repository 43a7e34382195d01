import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { type Access, createConfig, createKey, generate, setClock, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { decodeBase32, encodeBase32 } from '../../shared/domain/base32.ts';
import oathtool from '../../shared/domain/oathtool.data.json' with { type: 'json' };
import rfc4226 from '../../shared/domain/rfc4226.data.json' with { type: 'json' };
import rfc6238 from '../../shared/domain/rfc6238.data.json' with { type: 'json' };

/*
 * The service against what nobody here wrote: the codes of oathtool (`npm run conformance` asks it for them) and those that the
 * RFCs print, over HTTP, at their instants by the moved clock.
 */

const product = connect(inject('generous'));
let alice: TestUser;
/** Alice by an API key: no session lives in 1970 and in 2603. */
let anytime: Access;

beforeAll(async () => {
  alice = await seedUser(product);
  anytime = await createKey(alice, product.newClient());
});

/** The first instant of a step: the clock runs on, and a slow machine has the whole of the step. */
const beginningOf = (unix: number, interval: number) => Math.floor(unix / interval) * interval * 1000;

describe('codes are those of oathtool', () => {
  type Account = (typeof oathtool.accounts)[number];
  interface Made {
    readonly account: Account;
    readonly id: number;
    /** Unix seconds (TOTP) or the counter (HOTP), and the code that oathtool has for it. */
    readonly codes: readonly (readonly [moment: string, code: string])[];
  }
  let made: readonly Made[];

  function uriOf({ otp_type, algorithm, digits, interval, secret_hex }: Account, counter: string): string {
    const secret = encodeBase32(Buffer.from(secret_hex, 'hex'));
    const moving = otp_type === 'totp' ? `period=${interval}` : `counter=${counter}`;
    return `otpauth://${otp_type}/a?secret=${secret}&algorithm=${algorithm.toUpperCase()}&digits=${digits}&${moving}`;
  }

  beforeAll(async () => {
    const { accounts } = oathtool;
    const data = accounts.map((account) => uriOf(account, Object.keys(account.codes)[0] ?? ''));
    const body = { data, allow_short_secret: true };
    const imported = await alice.client.post('/otp/import', body, { token: alice.token });
    expect(imported.body).toMatchObject({ created: accounts.length });
    const ids: number[] = imported.body.results.map((row: { config_id: number }) => row.config_id);
    made = accounts.map((account, at) => ({ account, id: ids[at] ?? 0, codes: Object.entries(account.codes) }));
  });

  async function codesNow(configs: readonly Made[]): Promise<unknown[]> {
    const ids = configs.map(({ id }) => id);
    const { body } = await anytime.client.post('/otp/bulk/generate', ids, { token: anytime.token });
    return body.results.map((row: { otp_code: unknown }) => row.otp_code);
  }

  it.each(rfc6238.times)('TOTP at $utc, of every hash, number of digits and interval', async ({ unix }) => {
    for (const interval of [10, 30, 300]) {
      const configs = made.filter(({ account }) => account.interval === interval);
      expect(configs).toHaveLength(9);
      await setClock(anytime.client, beginningOf(unix, interval));
      const wanted = configs.map(({ codes }) => codes.find(([moment]) => moment === String(unix))?.[1]);
      expect(await codesNow(configs)).toEqual(wanted);
    }
  });

  it('HOTP of every hash and number of digits, up to counter 2^53 − 1', async () => {
    const configs = made.filter(({ account }) => account.otp_type === 'hotp');
    expect(configs).toHaveLength(36);
    expect(await codesNow(configs)).toEqual(configs.map(({ codes }) => codes[0]?.[1]));
  });

  it('and each is accepted once', async () => {
    const [unix, interval] = [20_000_000_000, 300];
    await setClock(anytime.client, beginningOf(unix, interval));
    const accepting = made.filter(({ account }) => account.otp_type === 'hotp' || account.interval === interval);
    for (const { id, codes } of accepting) {
      const code = codes.at(-1)?.[1];
      expect((await validate(anytime, id, code)).body).toMatchObject({ is_valid: true });
      expect((await validate(anytime, id, code)).body).toMatchObject({ is_valid: false });
    }
  });
});

describe('RFC 6238, Appendix B, with erratum 2866', () => {
  const algorithms = ['sha1', 'sha256', 'sha512'] as const;
  const ids = new Map<string, number>();

  beforeAll(async () => {
    for (const algorithm of algorithms) {
      const seed = decodeBase32(rfc6238.seeds[algorithm]);
      ids.set(algorithm, (await createConfig(alice, { algorithm, digits: 8, window: 0 }, seed)).id);
    }
  });

  it.each(rfc6238.times)('the codes of $utc are shown and accepted, those of a 20-byte seed are not', async (row) => {
    await setClock(anytime.client, beginningOf(row.unix, 30));
    for (const algorithm of algorithms) {
      const id = ids.get(algorithm) ?? 0;
      const wrong = algorithm === 'sha1' ? [] : [row[`wrong_${algorithm}`]];
      for (const code of wrong) expect((await validate(anytime, id, code)).body.result).toBe('invalid');
      expect((await generate(anytime, id)).body.otp_code).toBe(row[algorithm]);
      expect((await validate(anytime, id, row[algorithm])).body.result).toBe('valid');
      expect((await validate(anytime, id, row[algorithm])).body.result).toBe('replayed');
    }
  });
});

describe('RFC 4226, Appendix D', () => {
  it.each(['6', '7', '8'] as const)('the ten codes of %s digits are handed out in their order', async (digits) => {
    const fields = { otp_type: 'hotp', digits: Number(digits) };
    const { id } = await createConfig(alice, fields, Buffer.from(rfc4226.secret_hex, 'hex'));
    for (const { codes } of rfc4226.codes) {
      expect((await generate(alice, id, { counter_increment: true })).body.otp_code).toBe(codes[digits]);
    }
  });
});
