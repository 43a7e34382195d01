import { beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod/mini';
import type { Scenario } from '../infra/bench/scenario.ts';
import { scenarios } from '../infra/bench/scenarios.ts';
import { createWorld } from '../infra/bench/world.ts';
import { type Answer, connect, type TestUser } from '../infra/local/testing.ts';
import { needsOf } from '../infra/needs.ts';
import {
  type CapturedRequest,
  capturingClient,
  patientClient,
  sendCaptured,
} from '../infra/testing/captured-request.ts';
import { effectsBetween, type Snapshot, snapshotOf } from '../infra/testing/effects.ts';
import { expectProblem } from '../infra/testing/expect-problem.ts';
import { openRawTable } from '../infra/testing/raw-table.ts';
import { seedAdministrator, seedUser } from '../infra/testing/seeded-user.ts';
import { contracts } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';
import { canonicalEmail, canonicalUsername, userIdOf } from '../shared/domain/ids.ts';

/*
 * Every endpoint that writes, while DynamoDB and KMS fail it (SECURITY 30, 31). Three runs of one request, each with people of its
 * own: one that nothing disturbs, one whose faults pass, and one that meets faults which do not, until they end. What each leaves
 * in the table is compared with the first. The requests are those of the bench, so a new endpoint cannot be forgotten: without a
 * scenario it does not compile.
 */

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));

/** What the client waits at most (SPEC §2, DESIGN §2). */
const patienceMs = 5000;
const slowMs = 1500;

/** A scenario with people of its own, ready to be sent. */
interface Stage {
  readonly capture: () => CapturedRequest;
  /** Whose items the request may touch. */
  readonly ownersOf: (request: CapturedRequest) => readonly string[];
}

interface Drill {
  readonly name: string;
  readonly contract: Contract;
  readonly scenario: Scenario;
}

const drills: Drill[] = contracts
  .filter(({ method, limit }) => method !== 'GET' || limit !== undefined)
  .flatMap((contract) =>
    scenariosOf(contract).map((scenario) => ({ name: nameOf(contract, scenario), contract, scenario })),
  )
  // Reads alone.
  .filter(({ name }) => name !== 'POST /auth (getUser)');

/** The first of an endpoint's scenarios stands for it; of a route that leads to several operations, each. */
function scenariosOf({ operation, body }: Contract): readonly Scenario[] {
  const all = Object.entries(scenarios).find(([name]) => name === operation)?.[1] ?? [];
  const leadsToSeveral = body instanceof z.ZodMiniDiscriminatedUnion;
  return leadsToSeveral ? all : all.slice(0, 1);
}

function nameOf({ method, path }: Contract, { variant }: Scenario): string {
  return `${method} ${path}${variant === '' ? '' : ` (${variant})`}`;
}

interface Outcomes {
  readonly clean: Promise<Run>;
  readonly passing: Promise<void>;
  readonly lasting: Promise<void>;
}

let admin: TestUser;
const outcomes = new Map<string, Outcomes>();

// Most of a drill is waiting, so many wait together; what takes a core, as passwords and people do, is done by two at a time.
const [drilling, working] = [createPlaces(12), createPlaces(2)];

beforeAll(async () => {
  admin = await seedAdministrator(product, patientClient(product.newClient()));
  for (const drill of drills) outcomes.set(drill.name, begin(drill));
});

function begin({ contract, scenario }: Drill): Outcomes {
  const ready = () => working.within(() => setUp(scenario));
  const { within } = needsOf(contract.operation).hashesPasswords ? working : free;
  const clean = drilling.enter().then(async () => {
    const stage = await ready();
    return within(() => runUndisturbed(contract, stage));
  });
  const passing = clean.then(async (run) => {
    const stage = await ready();
    return within(() => runPassing(contract, stage, run));
  });
  const lasting = passing.catch(() => undefined).then(async () => runLasting(contract, await ready(), await clean));
  // Each is looked at by its test.
  for (const outcome of [clean, passing, lasting]) outcome.catch(() => undefined);
  lasting.then(drilling.leave, drilling.leave);
  return { clean, passing, lasting };
}

/** So many at a time; whoever comes besides waits for a place. */
function createPlaces(count: number) {
  const waiting: (() => void)[] = [];
  let left = count;
  async function enter(): Promise<void> {
    if (left > 0) left -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else left += 1;
  }
  async function within<T>(work: () => Promise<T>): Promise<T> {
    await enter();
    return work().finally(leave);
  }
  return { enter, leave, within };
}

const free = { within: <T>(work: () => Promise<T>): Promise<T> => work() };

async function setUp(scenario: Scenario): Promise<Stage> {
  const { client, capture } = capturingClient(patientClient(product.newClient()));
  const people: TestUser[] = [];
  const newUser = async () => {
    const user = await seedUser(product, client);
    people.push(user);
    return user;
  };
  const world = await createWorld({
    ...product,
    newClient: () => client,
    newUser,
    newAdministrator: async () => ({ ...admin, client }),
  });
  const request = await scenario.begin(world);
  return {
    capture: () => capture(request),
    ownersOf: ({ body }) => [...people.map(({ user }) => String(user.id)), ...claimedBy(body)],
  };
}

/** Whom a registration would make. */
function claimedBy(body: unknown): string[] {
  const { username, email }: { username?: unknown; email?: unknown } = Object(body);
  return [
    ...(typeof username === 'string' ? [userIdOf(canonicalUsername(username)), canonicalUsername(username)] : []),
    ...(typeof email === 'string' ? [canonicalEmail(email)] : []),
  ];
}

/** One run of a drill's request, and what it left. */
interface Run {
  readonly answer: Answer;
  readonly effects: readonly string[];
  readonly transactions: number;
  readonly signs: boolean;
}

type Fault = Omit<Parameters<typeof product.fault>[0], 'source_ip'>;

/** Sends from an address of its own, which alone meets the faults. */
async function sendAmid(request: CapturedRequest, faults: readonly Fault[]): Promise<{ answer: Answer; ms: number }> {
  const client = product.newClient();
  const made = [];
  for (const fault of faults) made.push(await product.fault({ ...fault, source_ip: client.sourceIp }));
  const answer = await sendCaptured(client, request);
  for (const { clear } of made) await clear();
  // As the gateway sees it.
  return { answer, ms: (await product.calls(answer.requestId)).ms };
}

async function runUndisturbed({ reply }: Contract, { capture, ownersOf }: Stage): Promise<Run> {
  const request = capture();
  const before = await snapshotOf(table, ownersOf(request));
  const { answer } = await sendAmid(request, []);
  expect(answer.status, answer.text).toBe(reply.status);
  const effects = await effectsSince(before, ownersOf(request), [answer]);
  const { calls } = await product.calls(answer.requestId);
  const transactions = calls.filter(({ operation }) => operation === 'TransactWriteItems').length;
  expect(transactions).toBeGreaterThan(0);
  expect(effects).not.toEqual([]);
  return { answer, effects, transactions, signs: calls.some(({ operation }) => operation === 'Sign') };
}

const commits = { service: 'dynamodb', operation: 'TransactWriteItems' } as const;

/** Faults that end while the request still has time: the client sees nothing of them. */
async function runPassing({ reply }: Contract, { capture, ownersOf }: Stage, clean: Run): Promise<void> {
  const request = capture();
  const before = await snapshotOf(table, ownersOf(request));
  // Where the limit is spent first, it is the second commit that counts.
  const last = clean.transactions > 1 ? { ...commits, match: 'EVENT#' } : commits;
  const { answer, ms } = await sendAmid(request, [
    { service: 'dynamodb', operation: 'BatchGetItem', kind: 'error', code: 'ThrottlingException' },
    { service: 'dynamodb', kind: 'partial_batch' },
    { ...last, kind: 'error', code: 'TransactionConflict' },
    // After the conflict: the answer that is lost is that of the commit which came through.
    { ...last, kind: 'lost_response' },
    { service: 'kms', kind: 'error', code: 'ThrottlingException' },
  ]);
  expect(answer.status, answer.text).toBe(reply.status);
  expect(ms).toBeLessThan(patienceMs);
  expect(await effectsSince(before, ownersOf(request), [answer])).toEqual(clean.effects);
}

/** Faults that outlast the request: a 503 in time and nothing left behind, until they end. */
async function runLasting(contract: Contract, { capture, ownersOf }: Stage, clean: Run): Promise<void> {
  const request = capture();
  const owners = ownersOf(request);
  const before = await snapshotOf(table, owners);
  const lasting: Fault[] = [
    { ...commits, kind: 'error', code: 'ThrottlingException', times: 'forever' },
    { ...commits, kind: 'error', code: 'TransactionConflict', times: 'forever' },
    { ...commits, kind: 'hang', times: 'forever' },
    { service: 'dynamodb', operation: 'BatchGetItem', kind: 'error', code: 'InternalServerError', times: 'forever' },
    ...(clean.signs ? kmsFaults : []),
  ];
  const refused: Answer[] = [];
  for (const fault of lasting) {
    const { answer, ms } = await sendAmid(request, [fault]);
    expectProblem(contract, answer, 'try_again');
    expect(ms, JSON.stringify(fault)).toBeLessThan(patienceMs);
    refused.push(answer);
  }
  expect(await effectsSince(before, owners, refused)).toEqual([]);

  // Slow is no fault that a service may refuse for, as long as there is time.
  const slow: Fault = { service: 'dynamodb', kind: 'delay', delay_ms: slowMs, times: 'forever' };
  const { answer, ms } = await sendAmid(request, [slow]);
  expect(ms).toBeLessThan(patienceMs);
  if (answer.status !== contract.reply.status) expectProblem(contract, answer, 'try_again');
  // What was on its way when the time was up arrives after all, or it does not.
  if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 2 * slowMs));
  const afterSlow = await effectsSince(before, owners, [answer]);
  if (answer.status === 503 && afterSlow.length === 0) {
    const again = (await sendAmid(request, [])).answer;
    expect(again.status, again.text).toBe(contract.reply.status);
    expect(await effectsSince(before, owners, [again])).toEqual(clean.effects);
  } else {
    expect(afterSlow).toEqual(clean.effects);
  }
}

const kmsFaults: Fault[] = [
  { service: 'kms', kind: 'error', code: 'ThrottlingException', times: 'forever' },
  { service: 'kms', kind: 'hang', times: 'forever' },
  { service: 'kms', kind: 'delay', delay_ms: slowMs, times: 'forever' },
];

/** What was left since a snapshot; of the administrator, who is everybody's, the events of these answers. */
async function effectsSince(
  before: Snapshot,
  owners: readonly string[],
  answers: readonly Answer[],
): Promise<string[]> {
  const after = await snapshotOf(table, owners);
  const requests = new Set(answers.map(({ requestId }) => requestId));
  for (const item of await table.all(`EVENT#${admin.user.id}`)) {
    if (requests.has(String(item['request_id']))) after.set(`${item['pk']}|${item['sk']}`, item);
  }
  return effectsBetween(before, after);
}

it('there is a drill for each operation of /auth that writes', () => {
  const drilled = drills.map(({ name }) => name);
  for (const action of ['login', 'signup', 'refresh', 'logout']) expect(drilled).toContain(`POST /auth (${action})`);
});

describe.each(drills)('$name', ({ name }) => {
  it('does its work', async () => {
    await outcomes.get(name)?.clean;
  });

  it('hides a conflict, a lost answer, a throttled read, half a batch and a refusal of KMS: once, not twice (SECURITY 30, 31)', async () => {
    await outcomes.get(name)?.passing;
  });

  it('is a 503 in time while commits are refused, in conflict or hanging, or KMS is gone, leaves nothing, and works after (SECURITY 30, 31)', async () => {
    await outcomes.get(name)?.lasting;
  });
});
