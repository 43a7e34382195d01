import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import type { ReplyBody } from '../../shared/api/route.ts';
import { checkHealth } from '../../shared/api/service.ts';
import * as keyVersions from '../../shared/data/key-versions.ts';
import { health, request } from '../../shared/domain/policy.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { kms } from '../../shared/http/kms.ts';
import { config, table } from '../../shared/http/runtime.ts';
import { log } from '../../shared/log.ts';

/** GET /health: asks the table and KMS, each for no longer than a load balancer waits. */
export const handler = endpoint(checkHealth, {
  decide: async () => {
    const [tableCheck, keysCheck] = await Promise.all([check('table', readTable), check('keys', askKms)]);
    const isWell = tableCheck === 'ok' && keysCheck === 'ok';
    const reply: ReplyBody<typeof checkHealth> = {
      status: isWell ? 'ok' : 'failing',
      checks: { table: tableCheck, keys: keysCheck },
    };
    if (isWell) return { reply };
    return { reply, status: 503, headers: { 'Retry-After': String(request.retryAfterSeconds) } };
  },
});

async function check(name: string, ask: (deadline: AbortSignal) => Promise<void>): Promise<'ok' | 'failing'> {
  try {
    await ask(AbortSignal.timeout(health.timeoutMs));
    return 'ok';
  } catch (error) {
    log('warn', 'UNAVAILABLE', { check: name }, error);
    return 'failing';
  }
}

// Without a public key no token can be verified: nobody could log in to a table that answers so.
async function readTable(deadline: AbortSignal): Promise<void> {
  const { rows } = await table.readRange(keyVersions.ofSigning(), deadline);
  if (rows.length === 0) throw new Error('no signing key is published');
}

async function askKms(deadline: AbortSignal): Promise<void> {
  for (const KeyId of [config.dataKeyId, config.signingKeyId]) {
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }), { abortSignal: deadline });
    if (key?.KeyState !== 'Enabled') throw new Error(`a key is ${key?.KeyState}`);
  }
}
