import { randomUUID } from 'node:crypto';
import { otp } from '../../../shared/domain/policy.ts';
import { codeAtInstant, codeOfCounter, wrongCode } from '../../testing/authenticator.ts';
import { generate, validate } from '../../testing/otp-user.ts';
import { plain, prepared, type Scenario } from '../scenario.ts';

const newKey = () => ({ headers: { 'idempotency-key': randomUUID() } });

/** Codes: what is called most. */
export const otpCodeScenarios = {
  'otp/validate-code': [
    prepared({
      variant: 'TOTP, right',
      prepare: (world) => world.newTotp(),
      send: ({ member }, { id, entry }) => validate(member, id, codeAtInstant(entry, Date.now())),
    }),
    prepared({
      variant: 'HOTP, right',
      prepare: (world) => world.newHotp(),
      send: ({ member }, { id, entry }) => validate(member, id, codeOfCounter(entry, 0)),
    }),
    prepared({
      variant: 'wrong',
      prepare: (world) => world.newHotp(),
      send: ({ member }, { id, entry }) => validate(member, id, wrongCode(entry, [0])),
    }),
    prepared({
      variant: 'replayed',
      prepare: async (world) => {
        const config = await world.newTotp();
        const code = codeAtInstant(config.entry, Date.now());
        await validate(world.member, config.id, code);
        return { id: config.id, code };
      },
      send: ({ member }, { id, code }) => validate(member, id, code),
    }),
    prepared({
      variant: 'HOTP, by API key',
      prepare: (world) => world.newHotp(),
      send: ({ client, apiKey: token }, { id, entry }) => validate({ client, token }, id, codeOfCounter(entry, 0)),
    }),
    prepared({
      variant: 'HOTP, Idempotency-Key',
      prepare: (world) => world.newHotp(),
      send: ({ member }, { id, entry }) => validate(member, id, codeOfCounter(entry, 0), {}, newKey()),
    }),
    prepared({
      variant: 'answered again',
      prepare: async (world) => {
        const { id, entry } = await world.newHotp();
        const [code, key] = [codeOfCounter(entry, 0), newKey()];
        await validate(world.member, id, code, {}, key);
        return { id, code, key };
      },
      send: ({ member }, { id, code, key }) => validate(member, id, code, {}, key),
    }),
  ],
  'otp/generate-code': [
    plain(({ member, totp }) => generate(member, totp.id), 'TOTP'),
    plain(({ member, hotp }) => generate(member, hotp.id, { counter_increment: true }), 'HOTP, next'),
    plain(({ client, apiKey: token, totp }) => generate({ client, token }, totp.id), 'TOTP, by API key'),
    plain(
      ({ member, hotp }) => generate(member, hotp.id, { counter_increment: true }, newKey()),
      'HOTP, Idempotency-Key',
    ),
  ],
  'otp/bulk-generate-codes': [
    prepared({
      variant: `${otp.bulkIds} ids`,
      // Of each the configuration and its secret.
      items: 2 * otp.bulkIds,
      prepare: async ({ member, totp }) => {
        const { body } = await member.client.get(`/otp/configs?limit=${otp.bulkIds}`, member);
        const ids: number[] = body.map(({ id }: { id: number }) => id);
        return Array.from({ length: otp.bulkIds }, (_, at) => ids[at] ?? totp.id);
      },
      send: ({ member }, ids) => member.client.post('/otp/bulk/generate', ids, member),
    }),
  ],
} satisfies Record<string, readonly Scenario[]>;
