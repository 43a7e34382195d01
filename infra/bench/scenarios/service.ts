import { plain, type Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const get = (path: string) => [plain(({ client }: World) => client.get(path))];

/** What the service says of itself. */
export const serviceScenarios = {
  'service/describe-service': get('/'),
  'service/check-health': get('/health'),
  'service/read-time': get('/time'),
  'service/read-openapi': get('/openapi.json'),
  'service/read-docs': get('/docs'),
  'service/read-jwks': get('/.well-known/jwks.json'),
} satisfies Record<string, readonly Scenario[]>;
