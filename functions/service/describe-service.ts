import { describeService, service } from '../../shared/api/service.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { config } from '../../shared/http/runtime.ts';

const features = ['totp', 'hotp', 'mfa', 'recovery_codes', 'api_keys', 'import', 'export', 'audit', 'metrics'];

/** GET /: what this is. `registration` is among the features where everyone may make an account. */
export const handler = endpoint(describeService, {
  decide: () => ({
    reply: {
      ...service,
      status: 'running' as const,
      features: config.registration === 'open' ? [...features, 'registration'] : features,
      docs: '/docs',
    },
  }),
});
