import { plain, prepared, type Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const create = ({ member }: World) =>
  member.client.post('/api-keys', { name: 'A back end', scopes: ['otp:validate'] }, member);

/** Keys of back ends. */
export const apiKeyScenarios = {
  'api-keys/create-api-key': [plain(create)],
  'api-keys/list-api-keys': [plain(({ member }) => member.client.get('/api-keys', member))],
  'api-keys/delete-api-key': [
    prepared({
      prepare: async (world) => String((await create(world)).body?.id),
      send: ({ member }, id) => member.client.delete(`/api-keys/${id}`, member),
    }),
  ],
} satisfies Record<string, readonly Scenario[]>;
