import { randomUUID } from 'node:crypto';
import { fail, ProblemError, statusOf } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import * as events from '../data/events.ts';
import type { Write } from '../data/expression.ts';
import * as meters from '../data/meters.ts';
import { pause, type Table, TableUnavailable } from '../data/table.ts';
import { newEventId } from '../domain/ids.ts';
import { admit, type Caller, callerRefs, recognise, touchWrites } from './caller.ts';
import { type Facts, loadFacts, type Ref } from './facts.ts';
import { type Answer, type IdempotentUse, keep, keptAnswerRef, recall } from './kept-answer.ts';
import { type Budget, budgetRefs, type Spent, spendBudget, spendingWrites } from './limit.ts';
import type { Asked, Known, Operation } from './operation.ts';
import type { EventDraft, Outcome, Part } from './outcome.ts';

/** What a request came to, once nothing of it can be undone. */
export interface Done<C extends Contract> {
  readonly outcome: Outcome<C>;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer that this Idempotency-Key was given before, instead of an outcome. */
  readonly replayed?: Answer;
}

/** What the path needs beside the request itself. */
export interface Path<C extends Contract> {
  readonly table: Table;
  readonly contract: C;
  readonly rules: Pick<Contract, 'who' | 'scope' | 'fresh' | 'duringPasswordChange'>;
  readonly operation: Operation<C>;
  readonly budget: Budget | undefined;
  readonly idempotent: IdempotentUse | undefined;
  readonly eventDays: number;
  readonly deadline: AbortSignal;
}

/** What a request remembers from one attempt to the next. */
interface Memory {
  readonly once: Known<Contract>['once'];
  /** The limit, spent in a transaction that went before. */
  spent?: Spent | undefined;
}

/**
 * The one way of every request: load what it needs, decide, commit all or nothing. When the facts have moved in between, or two
 * transactions met, it begins again with fresh facts, until the deadline. Nothing is answered before it is written.
 */
export async function loadDecideCommit<C extends Contract>(asked: Asked<C>, path: Path<C>): Promise<Done<C>> {
  const memory: Memory = { once: rememberWork() };
  for (let attempt = 1; ; attempt++) {
    const done = await attemptOnce(asked, path, memory);
    if (done !== undefined) return done;
    await pause(attempt, path.deadline);
  }
}

/** One attempt; undefined when it must be made again. */
async function attemptOnce<C extends Contract>(
  asked: Asked<C>,
  path: Path<C>,
  memory: Memory,
): Promise<Done<C> | undefined> {
  const facts = await loadFacts(path.table, refsOf(asked, path), path.deadline);
  const caller = asked.identity && recognise(asked.identity, facts, asked.now);
  const denied = caller && denial(caller, path, asked.now);
  const kept =
    denied === undefined && path.idempotent
      ? await inTime(recall(path.idempotent, facts, asked.now), path.deadline)
      : undefined;
  if (kept !== undefined)
    return { outcome: { refuse: 'internal_error' }, replayed: kept, headers: { 'Idempotent-Replayed': 'true' } };

  const unspent = { ...asked, caller, spending: undefined, once: memory.once } as Known<C>;
  // Whoever has paid for a try is past the gate: a lock that others cause meanwhile does not stop a log-in that is right.
  const gated = denied ?? (memory.spent ? undefined : path.operation.gate?.(unspent, facts));
  const spent = gated === undefined ? (memory.spent ?? spendNow(path, facts, caller, asked.now)) : undefined;
  if (spent !== undefined && memory.spent === undefined && path.operation.spendsFirst && path.budget) {
    if (!(await commitAll(path, spendingAlone(path.budget, spent, caller, asked.now)))) return undefined;
    memory.spent = spent;
  }

  const known = { ...unspent, spending: spent?.spending } as Known<C>;
  const outcome =
    gated ??
    (await inTime(
      decided(() => path.operation.decide(known, facts)),
      path.deadline,
    ));
  for (const part of [...(outcome.parts ?? []), outcome]) {
    const writes = await writesOf(known, part, path, memory.spent ? undefined : spent);
    // Somebody who is turned away has not used session or key.
    const touches = part === outcome && denied === undefined ? touchesOf(caller, part.writes ?? [], asked.now) : [];
    if (!(await commitAll(path, [...writes, ...touches]))) return undefined;
    memory.spent = spent;
    part.afterwards?.();
  }
  return { outcome, headers: { ...spent?.headers } };
}

function refsOf<C extends Contract>(asked: Asked<C>, { operation, budget, idempotent }: Path<C>): Ref[] {
  return [
    ...(asked.identity ? callerRefs(asked.identity) : []),
    ...(budget ? budgetRefs(budget) : []),
    ...(idempotent ? [keptAnswerRef(idempotent)] : []),
    ...(operation.load?.(asked) ?? []),
  ];
}

// A refusal of somebody who is known is an event like any other.
function denial<C extends Contract>(caller: Caller, { rules, contract }: Path<C>, now: number): Outcome<C> | undefined {
  try {
    admit(caller, rules, now);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const details = { operation: contract.operation, reason: error.code };
    return {
      refuse: error.code,
      events: [{ action: 'access_denied', resource: 'system', status: 'failure', details }],
    };
  }
}

function spendNow<C extends Contract>({ budget }: Path<C>, facts: Facts, caller: Caller | undefined, now: number) {
  return budget && spendBudget(budget, facts, caller, now);
}

function spendingAlone(budget: Budget, spent: Spent, caller: Caller | undefined, now: number): Write[] {
  const { spending } = spent;
  const metered = caller && budget.kept === 'meter' && meters.count(caller.user.id, caller.meter, spending, {}, now);
  return metered ? [metered] : spendingWrites(budget, spent);
}

// A password takes a core for a while, and longer where others want it too, and after it KMS may be late with the key that seals an
// answer: who waits is answered in time all the same.
async function inTime<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new TableUnavailable('out of time', { cause: deadline.reason }));
  deadline.addEventListener('abort', giveUp, { once: true });
  if (deadline.aborted) giveUp();
  try {
    return await Promise.race([work, late]);
  } finally {
    deadline.removeEventListener('abort', giveUp);
  }
}

// What an endpoint throws as a problem is a refusal without effects: its limit is spent all the same.
async function decided<C extends Contract>(decide: () => Outcome<C> | Promise<Outcome<C>>): Promise<Outcome<C>> {
  try {
    return await decide();
  } catch (error) {
    if (!(error instanceof ProblemError) || statusOf(error.code) >= 500) throw error;
    return { refuse: error.code, extras: error.extras };
  }
}

async function writesOf<C extends Contract>(
  known: Known<C>,
  part: Part | Outcome<C>,
  path: Path<C>,
  spent: Spent | undefined,
): Promise<Write[]> {
  const { caller, now } = known;
  const inMeter = path.budget?.kept === 'meter' ? spent?.spending : undefined;
  const metered = caller && meters.count(caller.user.id, caller.meter, inMeter, part.usage ?? {}, now);
  const answers = 'reply' in part && path.idempotent;
  const status = 'reply' in part ? (part.status ?? path.contract.reply.status) : 0;
  return [
    ...(path.budget && spent ? spendingWrites(path.budget, spent) : []),
    ...(metered ? [metered] : []),
    ...(part.writes ?? []),
    ...(part.events ?? []).map((draft) => recordOf(draft, known, path.eventDays)),
    ...(answers && 'reply' in part
      ? [await inTime(keep(answers, { status, body: part.reply }, now), path.deadline)]
      : []),
  ];
}

// One transaction takes one write of an item: what the endpoint itself writes of session or key stands.
function touchesOf(caller: Caller | undefined, writes: readonly Write[], now: number): Write[] {
  if (caller === undefined) return [];
  const written = new Set(writes.map(({ key }) => `${key.pk}|${key.sk}`));
  return touchWrites(caller, now).filter(({ key }) => !written.has(`${key.pk}|${key.sk}`));
}

function recordOf<C extends Contract>(draft: EventDraft, known: Known<C>, eventDays: number): Write {
  const { caller, client, now, requestId } = known;
  const partition = caller?.user.id ?? draft.about?.partition;
  if (partition === undefined) throw new Error(`nobody is named for the event ${draft.action}`);
  return events.record(
    partition,
    {
      id: newEventId(),
      user_id: caller?.user.id ?? draft.about?.userId,
      username: caller?.user.username ?? draft.about?.username,
      action: draft.action,
      resource: draft.resource,
      resource_id: draft.resourceId,
      status: draft.status,
      ip_address: client.ip,
      user_agent: client.userAgent,
      at: now,
      request_id: requestId,
      details: draft.details ?? {},
    },
    eventDays,
  );
}

/** Commits; false when the request must begin again. */
async function commitAll<C extends Contract>({ table, deadline }: Path<C>, writes: readonly Write[]): Promise<boolean> {
  if (writes.length === 0) return true;
  const result = await table.commit(writes, randomUUID(), deadline);
  if (typeof result === 'object') throw fail(result.problem);
  return result === 'committed';
}

function rememberWork() {
  const works = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begun = works.get(name) ?? work();
    works.set(name, begun);
    // One name, one kind of work: what is remembered has the type that was begun.
    return begun as Promise<T>;
  };
}
