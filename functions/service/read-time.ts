import { readTime } from '../../shared/api/service.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /time: the instant by which this very request is judged. */
export const handler = endpoint(readTime, {
  decide: ({ now }) => ({ reply: { unix_ms: now } }),
});
