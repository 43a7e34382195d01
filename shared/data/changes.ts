import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';

/** Changes of items as the table's stream tells them, as far as anything is counted of them. */

const image = z.custom<Parameters<typeof unmarshall>[0]>((value) => typeof value === 'object' && value !== null);

const record = z.looseObject({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.looseObject({
    /** In seconds of Unix time. */
    ApproximateCreationDateTime: z.number(),
    Keys: image,
    NewImage: z.optional(image),
    OldImage: z.optional(image),
  }),
});

const key = z.object({ pk: z.string() });

// Not the entity's own schema: an action that is newer than this consumer counts all the same.
const event = z.object({
  action: z.string().check(z.regex(/^[a-z_]{1,40}$/)),
  status: z.enum(['success', 'failure']),
  user_id: z.optional(z.string()),
  at: z.number(),
  ttl: z.number(),
  details: z.object({ generations: z.optional(z.number()) }),
});

const user = z.object({ is_active: z.boolean(), mfa_enabled: z.boolean() });

const config = z.object({ is_active: z.boolean(), otp_type: z.enum(['totp', 'hotp']) });

const login = z.object({ locked_until: z.optional(z.number()) });

/** What an event counts as. */
export type CountedEvent = z.infer<typeof event>;

/** A change of one item. `before` or `after` is absent where the item was not there, or is no more. */
export type Change = { readonly at: number } & (
  | { readonly kind: 'event'; readonly event: CountedEvent }
  | {
      readonly kind: 'user';
      readonly before: z.infer<typeof user> | undefined;
      readonly after: z.infer<typeof user> | undefined;
    }
  | {
      readonly kind: 'config';
      readonly before: z.infer<typeof config> | undefined;
      readonly after: z.infer<typeof config> | undefined;
    }
  /** Of a name's lock: `userId` follows from the name, whether anybody has it or not. */
  | {
      readonly kind: 'lock';
      readonly userId: string;
      readonly before: number | undefined;
      readonly after: number | undefined;
    }
  | { readonly kind: 'other' }
);

/** Reads one record of the stream; throws where it is not what the product writes. */
export function readChange(value: unknown): Change {
  const { eventName, dynamodb } = record.parse(value);
  const at = Math.round(dynamodb.ApproximateCreationDateTime * 1000);
  const [entity, owner = ''] = key.parse(unmarshall(dynamodb.Keys)).pk.split('#');
  const read = <T>(schema: z.ZodMiniType<T>, side: 'NewImage' | 'OldImage') => {
    const stored = dynamodb[side];
    return stored && schema.parse(unmarshall(stored));
  };
  switch (entity) {
    case 'EVENT':
      // An event that expires has happened all the same.
      if (eventName !== 'INSERT') return { kind: 'other', at };
      return { kind: 'event', at, event: event.parse(unmarshall(image.parse(dynamodb.NewImage))) };
    case 'USER':
      return { kind: 'user', at, before: read(user, 'OldImage'), after: read(user, 'NewImage') };
    case 'CONFIG':
      return { kind: 'config', at, before: read(config, 'OldImage'), after: read(config, 'NewImage') };
    case 'LOGIN':
      // It expires a day after the last try, when any lock is long over.
      if (eventName === 'REMOVE') return { kind: 'other', at };
      return {
        kind: 'lock',
        at,
        userId: owner,
        before: read(login, 'OldImage')?.locked_until,
        after: read(login, 'NewImage')?.locked_until,
      };
    default:
      return { kind: 'other', at };
  }
}
