import { randomBytes } from 'node:crypto';
import { apiKey, session } from '../../shared/domain/policy.ts';
import type { Client, ConnectedProduct, TestUser } from '../local/testing.ts';
import { createConfig, createKey, type SharedConfig } from '../testing/otp-user.ts';
import { openRawTable } from '../testing/raw-table.ts';

/** Those who send the requests that are measured, and what they have. */
export interface World {
  readonly product: ConnectedProduct;
  readonly client: Client;
  readonly table: ReturnType<typeof openRawTable>;
  /** An ordinary user with a TOTP, a HOTP and an API key. */
  readonly member: TestUser;
  readonly totp: SharedConfig;
  readonly hotp: SharedConfig;
  readonly apiKey: string;
  readonly admin: TestUser;
  /** Somebody else, of whom nothing is needed any more afterwards. */
  newPerson(): Promise<TestUser>;
  /** A HOTP of the member's own that nobody has used. */
  newHotp(): Promise<SharedConfig>;
  newTotp(): Promise<SharedConfig>;
  /** Makes it just now that member and administrator proved who they are, however long ago the bench began. */
  stayFresh(): Promise<void>;
  /** Makes it a while ago that sessions and keys were used: the next request of each notes its use. */
  letRest(): Promise<void>;
}

/** Makes the people. */
export async function createWorld(product: ConnectedProduct): Promise<World> {
  const client = product.newClient();
  const table = openRawTable(product.info);
  const people: TestUser[] = [];
  const known = (person: TestUser) => {
    people.push(person);
    return person;
  };
  const member = known(await product.newUser(client));
  const admin = known(await product.newAdministrator(client));
  const newTotp = () =>
    createConfig(member, { name: 'A back end’s TOTP', issuer: 'Example', account: 'ada@example.com' });
  const newHotp = () => createConfig(member, { name: 'A back end’s HOTP', otp_type: 'hotp', counter: 0 });
  const { token: key } = await createKey(member, client);

  async function age(pk: string, attribute: string, ms: number): Promise<void> {
    for (const { sk } of await table.all(pk)) await table.set(pk, String(sk), attribute, Date.now() - ms);
  }

  return {
    product,
    client,
    table,
    member,
    admin,
    apiKey: key,
    totp: await newTotp(),
    hotp: await newHotp(),
    newPerson: async () => known(await product.newUser(client)),
    newHotp,
    newTotp,
    stayFresh: async () => {
      for (const { user } of [member, admin]) await age(`SESSION#${user.id}`, 'proven_at', 0);
    },
    letRest: async () => {
      // Of the others only the last one is about to send anything.
      const senders = new Set([member, admin, ...people.slice(-1)]);
      for (const { user } of senders) {
        await age(`SESSION#${user.id}`, 'last_seen_at', session.touchSeconds * 1000 + 1000);
        await age(`APIKEY#${user.id}`, 'last_used_at', apiKey.touchSeconds * 1000 + 1000);
      }
    },
  };
}

/** Another session of the member. */
export function logInAgain({ product, client, member: { username, password } }: World) {
  return product.logIn(client, { username, password });
}

/** A name that nobody has. */
export function newName(): string {
  return `b${randomBytes(6).toString('hex')}`;
}
