import { canonicalEmail, canonicalUsername, userIdOf } from '../../shared/domain/ids.ts';
import type { Scenario } from '../bench/scenario.ts';
import { createWorld } from '../bench/world.ts';
import type { Answer, ConnectedProduct, TestUser } from '../local/testing.ts';
import { type CapturedRequest, capturingClient, patientClient, sendCaptured } from './captured-request.ts';
import { effectsBetween, type Snapshot, snapshotOf } from './effects.ts';
import { openRawTable } from './raw-table.ts';
import { seedAdministrator, seedUser } from './seeded-user.ts';

/** What the client waits at most (SPEC §2, DESIGN §2). */
export const patienceMs = 5000;

/** A scenario with people of its own, ready to be sent. */
export interface Stage {
  readonly capture: () => CapturedRequest;
  /** Whose items the request may touch. */
  readonly ownersOf: (request: CapturedRequest) => readonly string[];
}

/** What a test asks to go wrong for one request. */
export type RequestFault = Omit<Parameters<ConnectedProduct['fault']>[0], 'source_ip'>;

/** Where one request meets faults that nobody else meets, and what it leaves is seen. */
export type DrillGround = Awaited<ReturnType<typeof openDrillGround>>;

/** Opens it on a running product, with an administrator whom all scenarios share. */
export async function openDrillGround(product: ConnectedProduct) {
  const table = openRawTable(product.info);
  const admin = await seedAdministrator(product, patientClient(product.newClient()));

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

  /** Sends from an address of its own, which alone meets the faults; how long it took is what the gateway saw. */
  async function sendAmid(
    request: CapturedRequest,
    faults: readonly RequestFault[],
  ): Promise<{ answer: Answer; ms: number }> {
    const client = product.newClient();
    const made = [];
    for (const fault of faults) made.push(await product.fault({ ...fault, source_ip: client.sourceIp }));
    const answer = await sendCaptured(client, request);
    for (const { clear } of made) await clear();
    return { answer, ms: (await product.calls(answer.requestId)).ms };
  }

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

  return { setUp, sendAmid, effectsSince, snapshotOf: (owners: readonly string[]) => snapshotOf(table, owners) };
}

/** Whom a registration would make. */
function claimedBy(body: unknown): string[] {
  const { username, email }: { username?: unknown; email?: unknown } = Object(body);
  return [
    ...(typeof username === 'string' ? [userIdOf(canonicalUsername(username)), canonicalUsername(username)] : []),
    ...(typeof email === 'string' ? [canonicalEmail(email)] : []),
  ];
}
