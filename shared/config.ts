import * as z from 'zod/mini';
import { events, type Limit, type LimitName, limits } from './domain/policy.ts';

const limitOverrides = z.partialRecord(
  z.enum(Object.keys(limits)),
  z.strictObject({ max: z.int().check(z.minimum(1)), windowSeconds: z.int().check(z.minimum(1)) }),
);

const environment = z.object({
  TABLE_NAME: z.string().check(z.minLength(1)),
  DATA_KEY_ID: z.optional(z.string().check(z.minLength(1))),
  SIGNING_KEY_ID: z.optional(z.string().check(z.minLength(1))),
  STAGE: z._default(z.string().check(z.minLength(1)), 'local'),
  ISSUER: z._default(z.string().check(z.minLength(1)), 'otp-service'),
  EVENT_DAYS: z._default(z.coerce.number().check(z.int(), z.minimum(1)), events.daysDefault),
  REGISTRATION: z._default(z.enum(['open', 'closed']), 'open'),
  LIMITS: z.pipe(
    z._default(z.string(), '{}'),
    z.transform((text) => limitOverrides.parse(JSON.parse(text))),
  ),
  EDGE_KEY: z.string().check(z.minLength(16)),
});

/** The headers by which the CDN tells who calls: the second is believed only beside the right first. */
export const edgeHeaders = { key: 'x-otp-edge-key', viewerAddress: 'x-otp-viewer-address' } as const;

/** The names of the environment that the stack writes and a function reads; there are no others. */
export type EnvironmentName = keyof z.input<typeof environment>;

/** What a function knows of the stage that it runs in. */
export interface Config {
  readonly tableName: string;
  readonly dataKeyId: string | undefined;
  readonly signingKeyId: string | undefined;
  readonly stage: string;
  readonly issuer: string;
  readonly eventDays: number;
  readonly registration: 'open' | 'closed';
  /** What the CDN proves itself with; cursors are signed by a key derived from it. */
  readonly edgeKey: string;
  limit(name: LimitName): Limit;
}

/** Reads the environment once; a missing or malformed name throws before the first request is taken. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const read = environment.parse(env);
  return {
    tableName: read.TABLE_NAME,
    dataKeyId: read.DATA_KEY_ID,
    signingKeyId: read.SIGNING_KEY_ID,
    stage: read.STAGE,
    issuer: read.ISSUER,
    eventDays: read.EVENT_DAYS,
    registration: read.REGISTRATION,
    edgeKey: read.EDGE_KEY,
    limit: (name) => ({ ...limits[name], ...read.LIMITS[name] }),
  };
}
