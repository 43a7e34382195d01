import { randomBytes, randomUUID } from 'node:crypto';
import { encodeBase32 } from '../../../shared/domain/base32.ts';
import { otp } from '../../../shared/domain/policy.ts';
import { codeOfCounter } from '../../testing/authenticator.ts';
import { plain, prepared, type Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const path = ({ id }: { readonly id: number }, more = '') => `/otp/configs/${id}${more}`;

const newUris = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => `otpauth://totp/Example:${at}@example.com?secret=${encodeBase32(randomBytes(20))}&issuer=Example`,
  );

/** An import by somebody who has nothing yet. */
const importOf = (count: number) =>
  prepared({
    variant: `${count} rows`,
    // Of each the configuration and its secret.
    items: 2 * count,
    prepare: (world) => world.newPerson(),
    send: (_, person) => person.client.post('/otp/import', { data: newUris(count) }, person),
  });

const exportAs = (format: string, count: number) =>
  prepared({
    variant: `${format}, ${count}`,
    items: 2 * count,
    prepare: async (world) => {
      const person = await world.newPerson();
      await person.client.post('/otp/import', { data: newUris(count) }, person);
      return person;
    },
    send: (_, person) => person.client.post('/otp/export', { format }, person),
  });

const create = ({ member }: World, headers = {}) =>
  member.client.post('/otp/configs', { name: 'New', otp_type: 'totp' }, { ...member, headers });

/** Configurations. */
export const otpConfigScenarios = {
  'otp/create-config': [
    plain((world) => create(world)),
    plain((world) => create(world, { 'idempotency-key': randomUUID() }), 'Idempotency-Key'),
  ],
  'otp/list-configs': [
    plain(({ member }) => member.client.get('/otp/configs?limit=10', member), '10 rows'),
    plain(({ member }) => member.client.get('/otp/configs?search=back', member), 'searched'),
  ],
  'otp/read-config': [plain(({ member, totp }) => member.client.get(path(totp), member))],
  'otp/change-config': [
    plain(({ member, totp }) => member.client.patch(path(totp), { name: `Renamed ${randomUUID()}` }, member)),
  ],
  'otp/delete-config': [
    prepared({
      prepare: (world) => world.newTotp(),
      send: ({ member }, config) => member.client.delete(path(config), member),
    }),
  ],
  'otp/resync-config': [
    prepared({
      prepare: (world) => world.newHotp(),
      send: ({ member }, config) => {
        const [code1, code2] = [40, 41].map((counter) => codeOfCounter(config.entry, counter));
        return member.client.post(path(config, '/resync'), { code1, code2 }, member);
      },
    }),
  ],
  'otp/reveal-config': [plain(({ member, totp }) => member.client.post(path(totp, '/reveal'), undefined, member))],
  'otp/unlock-config': [plain(({ member, totp }) => member.client.post(path(totp, '/unlock'), undefined, member))],
  'otp/import-configs': [importOf(otp.configsPerTransaction), importOf(100)],
  'otp/export-configs': [exportAs('otpauth', 10), exportAs('migration', 10)],
} satisfies Record<string, readonly Scenario[]>;
