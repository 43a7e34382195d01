import { sortableId } from '../../shared/data/table-map.ts';
import type { TestUser } from '../local/testing.ts';
import type { openRawTable, RawItem } from './raw-table.ts';

/** What the table holds of a user. */
export function userItems(table: ReturnType<typeof openRawTable>, { user }: Pick<TestUser, 'user'>) {
  const classes = ['USER', 'CONFIG', 'SECRET', 'METER', 'EVENT', 'IDEM'];
  return {
    config: (id: number): Promise<RawItem | undefined> => table.get(`CONFIG#${user.id}`, sortableId(id)),
    setConfig: (id: number, attribute: string, value: unknown) =>
      table.set(`CONFIG#${user.id}`, sortableId(id), attribute, value),
    secret: (id: number): Promise<RawItem | undefined> => table.get(`SECRET#${user.id}`, sortableId(id)),
    setSealed: (id: number, sealed: unknown) => table.set(`SECRET#${user.id}`, sortableId(id), 'sealed', sealed),
    meter: async (): Promise<RawItem> => (await table.get(`METER#${user.id}`, 'METER')) ?? {},
    setMeter: (attribute: string, value: unknown) => table.set(`METER#${user.id}`, 'METER', attribute, value),
    /** Of one action, the oldest first. */
    events: async (action: string): Promise<RawItem[]> =>
      (await table.all(`EVENT#${user.id}`)).filter((event) => event['action'] === action),
    /** All of it as one text, bytes in every form in which a secret could be found in it. */
    text: async (): Promise<string> => {
      const items = await Promise.all(classes.map((word) => table.all(`${word}#${user.id}`)));
      return JSON.stringify(items.flat(), (_, value: unknown) =>
        value instanceof Uint8Array ? formsOf(value) : value instanceof Set ? [...value] : value,
      );
    },
  };
}

/** A secret as it could stand somewhere in the clear. */
export function formsOf(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  return [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex'), bytes.toString('latin1')];
}
