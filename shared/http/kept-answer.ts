import { fail } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import { digestOf, storedKeyOf } from '../crypto/idempotency-digest.ts';
import * as answers from '../data/answers.ts';
import type { Write } from '../data/expression.ts';
import { idempotency } from '../domain/policy.ts';
import type { Facts } from './facts.ts';
import type { SecretBox } from './key-rings.ts';
import { stageKey } from './runtime.ts';

/** The answer of a request as it is kept and given again. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One use of an Idempotency-Key. */
export interface IdempotentUse {
  readonly key: string;
  readonly owner: string | undefined;
  readonly contract: Contract;
  /** Parameters and body: what makes it the same request. */
  readonly input: unknown;
  /** Seals an answer that holds a secret or a code. */
  readonly box: SecretBox | undefined;
}

/** What must be read to know whether the key was used. */
export function keptAnswerRef(use: IdempotentUse) {
  return answers.ref(use.owner, storedKeyOf(use.key));
}

/** The answer that the key was given before; throws `idempotency_key_reused` where it was another request. */
export async function recall(use: IdempotentUse, facts: Facts, now: number): Promise<Answer | undefined> {
  const kept = facts.get(keptAnswerRef(use));
  if (kept === undefined || kept.expires_at <= now) return undefined;
  const sameRequest = kept.operation === use.contract.operation && kept.digest === digest(use);
  if (!sameRequest) throw fail('idempotency_key_reused');
  return { status: kept.status, body: JSON.parse(await textOf(use, kept)) };
}

/** The write that keeps an answer, in the transaction of what it tells. */
export async function keep(use: IdempotentUse, answer: Answer, now: number): Promise<Write> {
  const text = JSON.stringify(answer.body);
  const seals = use.contract.idempotency !== 'kept';
  const keptSeconds = seals ? idempotency.sealedSeconds : idempotency.keptSeconds;
  const storedKey = storedKeyOf(use.key);
  return answers.keep(
    use.owner,
    storedKey,
    {
      operation: use.contract.operation,
      digest: digest(use),
      status: answer.status,
      ...(seals
        ? { sealed: await boxOf(use).seal(new TextEncoder().encode(text), bindingOf(use)) }
        : await packed(text)),
      expires_at: now + keptSeconds * 1000,
    },
    now,
  );
}

// Keyed by the stage too: a client's key may be guessable, and a body may hold a password.
function digest(use: IdempotentUse): string {
  return digestOf(`${stageKey('idempotency digest').toString('base64url')}.${use.key}`, use.input);
}

// Few answers are long: what compresses them is loaded for those.
async function packed(text: string): Promise<Pick<answers.KeptAnswer, 'body' | 'packed'>> {
  if (Buffer.byteLength(text) < idempotency.packedFromBytes) return { body: text };
  const { gzipSync } = await import('node:zlib');
  return { packed: gzipSync(text) };
}

async function textOf(use: IdempotentUse, { sealed, packed, body }: answers.KeptAnswer): Promise<string> {
  if (sealed !== undefined) return new TextDecoder().decode(await open(use, sealed));
  if (packed === undefined) return body ?? 'null';
  const { gunzipSync } = await import('node:zlib');
  return gunzipSync(packed).toString('utf8');
}

function open(use: IdempotentUse, sealed: Uint8Array): Promise<Uint8Array> {
  return boxOf(use).open(sealed, bindingOf(use));
}

function boxOf(use: IdempotentUse): SecretBox {
  if (use.box === undefined)
    throw new Error(`${use.contract.operation} keeps sealed answers and has nothing to seal with`);
  return use.box;
}

function bindingOf(use: IdempotentUse) {
  return {
    owner: use.owner ?? 'anonymous',
    kind: 'answer',
    item: storedKeyOf(use.key),
    parameters: { operation: use.contract.operation },
  };
}
