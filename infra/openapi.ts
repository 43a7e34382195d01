import { describeApi } from '../shared/api/openapi.ts';

// `npm run openapi`: the description as /openapi.json answers it, for a generator of clients, or a diff before a release.
console.log(JSON.stringify(describeApi({ server: '/' }), null, 2));
