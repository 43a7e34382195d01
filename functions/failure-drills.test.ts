import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod/mini';
import type { Scenario } from '../infra/bench/scenario.ts';
import { scenariosOf } from '../infra/bench/scenarios.ts';
import type { LaunchedProduct } from '../infra/local/product-launch.ts';
import { type Answer, type ConnectedProduct, connect } from '../infra/local/testing.ts';
import { grantsFor, needsOf } from '../infra/needs.ts';
import type { CapturedRequest } from '../infra/testing/captured-request.ts';
import {
  type DrillGround,
  openDrillGround,
  patienceMs,
  type RequestFault,
  type Stage,
} from '../infra/testing/drill-ground.ts';
import { expectProblem } from '../infra/testing/expect-problem.ts';
import { launchOwnProduct } from '../infra/testing/own-product.ts';
import { contracts } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';

/*
 * Every endpoint that writes, while DynamoDB and KMS fail it (SECURITY 30, 31). Three runs of one request, each with people of its
 * own: one that nothing disturbs, one whose faults pass, and one that meets faults which do not, until they end. What each leaves
 * in the table is compared with the first. Then, of the functions that open a key ring, an instance that holds no key yet, while KMS
 * refuses, hangs or is late, or the ring cannot be read. The requests are those of the bench, so a new endpoint cannot be forgotten:
 * without a scenario it does not compile.
 */

const product = connect(inject('generous'));

const slowMs = 1500;

interface Drill {
  readonly name: string;
  readonly contract: Contract;
  readonly scenario: Scenario;
}

const drills: Drill[] = contracts
  .filter(({ method, limit }) => method !== 'GET' || limit !== undefined)
  .flatMap((contract) =>
    drilledOf(contract).map((scenario) => ({ name: nameOf(contract, scenario), contract, scenario })),
  )
  // The one reads alone. The other is a way of the log-in: a function has four instances here, and /auth has four operations that write.
  .filter(({ name }) => !['POST /auth (getUser)', 'POST /auth (login with a code)'].includes(name));

/** The first of an endpoint's scenarios stands for it; of a route that leads to several operations, each. */
function drilledOf({ operation, body }: Contract): readonly Scenario[] {
  const all = scenariosOf(operation);
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

let ground: DrillGround;
/** For what needs instances that hold no key: a product whose instances nobody else warms. */
let launched: LaunchedProduct;
const outcomes = new Map<string, Outcomes>();

// Most of a drill is waiting, so many wait together; what takes a core, as passwords and people do, is done by two at a time.
const [drilling, working] = [createPlaces(8), createPlaces(2)];

beforeAll(async () => {
  [ground, launched] = await Promise.all([openDrillGround(product), launchOwnProduct()]);
  for (const drill of drills) outcomes.set(drill.name, begin(drill));
});

afterAll(() => launched?.stop());

function begin({ contract, scenario }: Drill): Outcomes {
  const ready = () => working.within(() => ground.setUp(scenario));
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

/** One run of a drill's request, and what it left. */
interface Run {
  readonly answer: Answer;
  readonly effects: readonly string[];
  readonly transactions: number;
  readonly signs: boolean;
}

async function runUndisturbed({ reply }: Contract, { capture, ownersOf }: Stage): Promise<Run> {
  const request = capture();
  const before = await ground.snapshotOf(ownersOf(request));
  const { answer } = await ground.sendAmid(request, []);
  expect(answer.status, answer.text).toBe(reply.status);
  const effects = await ground.effectsSince(before, ownersOf(request), [answer]);
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
  const before = await ground.snapshotOf(ownersOf(request));
  // Where the limit is spent first, it is the second commit that counts.
  const last = clean.transactions > 1 ? { ...commits, match: 'EVENT#' } : commits;
  const { answer, ms } = await ground.sendAmid(request, [
    { service: 'dynamodb', operation: 'BatchGetItem', kind: 'error', code: 'ThrottlingException' },
    { service: 'dynamodb', kind: 'partial_batch' },
    { ...last, kind: 'error', code: 'TransactionConflict' },
    // After the conflict: the answer that is lost is that of the commit which came through.
    { ...last, kind: 'lost_response' },
    { service: 'kms', kind: 'error', code: 'ThrottlingException' },
  ]);
  expect(answer.status, answer.text).toBe(reply.status);
  expect(ms).toBeLessThan(patienceMs);
  expect(await ground.effectsSince(before, ownersOf(request), [answer])).toEqual(clean.effects);
}

/** Faults that outlast the request: a 503 in time and nothing left behind, until they end. */
async function runLasting(contract: Contract, { capture, ownersOf }: Stage, clean: Run): Promise<void> {
  const request = capture();
  const owners = ownersOf(request);
  const before = await ground.snapshotOf(owners);
  const lasting: RequestFault[] = [
    { ...commits, kind: 'error', code: 'ThrottlingException', times: 'forever' },
    { ...commits, kind: 'error', code: 'TransactionConflict', times: 'forever' },
    { ...commits, kind: 'hang', times: 'forever' },
    { service: 'dynamodb', operation: 'BatchGetItem', kind: 'error', code: 'InternalServerError', times: 'forever' },
    ...(clean.signs ? kmsFaults : []),
  ];
  const refused: Answer[] = [];
  for (const fault of lasting) {
    const { answer, ms } = await ground.sendAmid(request, [fault]);
    expectProblem(contract, answer, 'try_again');
    expect(ms, JSON.stringify(fault)).toBeLessThan(patienceMs);
    refused.push(answer);
  }
  expect(await ground.effectsSince(before, owners, refused)).toEqual([]);

  // Slow is no fault that a service may refuse for, as long as there is time.
  const slow: RequestFault = { service: 'dynamodb', kind: 'delay', delay_ms: slowMs, times: 'forever' };
  const { answer, ms } = await ground.sendAmid(request, [slow]);
  expect(ms).toBeLessThan(patienceMs);
  if (answer.status !== contract.reply.status) expectProblem(contract, answer, 'try_again');
  // What was on its way when the time was up arrives after all, or it does not.
  if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 2 * slowMs));
  const afterSlow = await ground.effectsSince(before, owners, [answer]);
  if (answer.status === 503 && afterSlow.length === 0) {
    const again = (await ground.sendAmid(request, [])).answer;
    expect(again.status, again.text).toBe(contract.reply.status);
    expect(await ground.effectsSince(before, owners, [again])).toEqual(clean.effects);
  } else {
    expect(afterSlow).toEqual(clean.effects);
  }
}

const kmsFaults: RequestFault[] = [
  { service: 'kms', kind: 'error', code: 'ThrottlingException', times: 'forever' },
  { service: 'kms', kind: 'hang', times: 'forever' },
  { service: 'kms', kind: 'delay', delay_ms: slowMs, times: 'forever' },
];

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

const coldDrills = contracts
  .filter((contract) => grantsFor(contract, needsOf(contract.operation)).opens.length > 0)
  .map((contract) => ({ name: `${contract.method} ${contract.path}`, contract, scenario: keyedScenarioOf(contract) }));

/** A log-in and a step-up open a ring where there is a second factor. */
function keyedScenarioOf({ operation }: Contract): Scenario {
  const all = scenariosOf(operation);
  const scenario = all.find(({ variant }) => variant.endsWith('a code')) ?? all[0];
  if (scenario === undefined) throw new Error(`${operation} has no scenario`);
  return scenario;
}

/** Faults that outlast the request. */
const lastingWhenCold: Readonly<Record<string, RequestFault>> = {
  'KMS refuses': { service: 'kms', kind: 'error', code: 'ThrottlingException', times: 'forever' },
  'KMS hangs': { service: 'kms', kind: 'hang', times: 'forever' },
  'KMS is late': { service: 'kms', kind: 'delay', delay_ms: 3000, times: 'forever' },
  'the ring cannot be read': {
    service: 'dynamodb',
    operation: 'Query',
    match: 'KEYRING#',
    kind: 'error',
    code: 'InternalServerError',
    times: 'forever',
  },
};

/** Faults that end while the request still has time. */
const passingWhenCold: RequestFault[] = [
  { service: 'kms', kind: 'error', code: 'ThrottlingException' },
  { service: 'dynamodb', operation: 'Query', match: 'KEYRING#', kind: 'error', code: 'ThrottlingException' },
];

/** What a request came to, and what it left. */
interface ColdRun {
  readonly answer: Answer;
  readonly ms: number;
  readonly effects: readonly string[];
  readonly opensRing: boolean;
}

/*
 * After the drills above, which need the machine's cores. The instances of the product end before each round.
 */
describe('in an instance that holds no key', () => {
  let cold: ConnectedProduct;
  let coldGround: DrillGround;
  const stages = new Map<string, Stage>();
  const rounds = new Map<string, ReadonlyMap<string, ColdRun>>();

  beforeAll(async () => {
    cold = connect(launched.info);
    coldGround = await openDrillGround(cold);
    for (const { name, scenario } of coldDrills) stages.set(name, await coldGround.setUp(scenario));
    for (const [name, fault] of Object.entries(lastingWhenCold)) rounds.set(name, await runRound([fault], 4));
    // Fewer at a time: it works while there is time, and cores are what makes it pass.
    rounds.set('passing', await runRound(passingWhenCold, 2));
    // Five rounds of waiting.
  }, 300_000);

  /** Sends the request of every drill, a few at a time, each to a function whose instance is up and has opened nothing. */
  async function runRound(faults: readonly RequestFault[], atOnce: number): Promise<ReadonlyMap<string, ColdRun>> {
    await cold.endInstances();
    const round = new Map<string, ColdRun>();
    const left = [...coldDrills];
    const work = async () => {
      for (let drill = left.shift(); drill !== undefined; drill = left.shift()) {
        await startInstance(drill.contract);
        round.set(drill.name, await runOne(drill.name, drill.contract, faults));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return round;
  }

  // Refused before any key is needed: as nobody's, or for what it does not say.
  async function startInstance({ method, path }: Contract): Promise<void> {
    const { status } = await cold.newClient().send(method, path.replaceAll(/\{\w+\}/g, '1'), {});
    expect([401, 422]).toContain(status);
  }

  async function runOne(name: string, contract: Contract, faults: readonly RequestFault[]): Promise<ColdRun> {
    const stage = stages.get(name);
    if (stage === undefined) throw new Error(`${name} is not set up`);
    const request = keyed(stage.capture(), contract);
    const owners = stage.ownersOf(request);
    const before = await coldGround.snapshotOf(owners);
    const { answer, ms } = await coldGround.sendAmid(request, faults);
    const { calls } = await cold.calls(answer.requestId);
    return {
      answer,
      ms,
      effects: await coldGround.effectsSince(before, owners, [answer]),
      opensRing: calls.some(({ operation, status }) => operation === 'Decrypt' && status === 200),
    };
  }

  /** With an Idempotency-Key where the route takes one: its answer is sealed, too. */
  function keyed(request: CapturedRequest, { idempotency }: Contract): CapturedRequest {
    if (idempotency === undefined) return request;
    const headers = { ...request.options.headers, 'idempotency-key': randomUUID() };
    return { ...request, options: { ...request.options, headers } };
  }

  describe.each(coldDrills)('$name', ({ name, contract }) => {
    it.each(Object.keys(lastingWhenCold))('is a 503 in time and leaves nothing while %s (SECURITY 30)', (fault) => {
      const round = rounds.get(fault)?.get(name);
      expectProblem(contract, round?.answer ?? expect.unreachable(), 'try_again');
      expect(round?.ms).toBeLessThan(patienceMs);
      expect(round?.effects).toEqual([]);
    });

    it('opens its ring and does its work when KMS and the ring fail it once', () => {
      const round = rounds.get('passing')?.get(name);
      expect(round?.answer.status, round?.answer.text).toBe(contract.reply.status);
      expect(round?.opensRing).toBe(true);
      expect(round?.effects).not.toEqual([]);
    });
  });
});
