import { events, type Limit, type LimitName, limits } from './domain/policy.ts';

type Reader<T> = (value: string | undefined, name: string) => T;

// By hand: the first parse of a first schema would cost every cold start more than all else that is ours (README, Bench).
const environment = {
  TABLE_NAME: required(),
  DATA_KEY_ID: optional,
  SIGNING_KEY_ID: optional,
  STAGE: required({ instead: 'local' }),
  ISSUER: required({ instead: 'otp-service' }),
  EVENT_DAYS: readDays,
  REGISTRATION: readRegistration,
  LIMITS: readLimits,
  EDGE_KEY: required({ least: 16 }),
} as const satisfies Record<string, Reader<unknown>>;

/** The headers by which the CDN tells who calls: the second is believed only beside the right first. */
export const edgeHeaders = { key: 'x-otp-edge-key', viewerAddress: 'x-otp-viewer-address' } as const;

/** The names of the environment that the stack writes and a function reads; there are no others. */
export type EnvironmentName = keyof typeof environment;

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
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = <Name extends EnvironmentName>(name: Name) =>
    environment[name](env[name], name) as ReturnType<(typeof environment)[Name]>;
  const overrides = read('LIMITS');
  return {
    tableName: read('TABLE_NAME'),
    dataKeyId: read('DATA_KEY_ID'),
    signingKeyId: read('SIGNING_KEY_ID'),
    stage: read('STAGE'),
    issuer: read('ISSUER'),
    eventDays: read('EVENT_DAYS'),
    registration: read('REGISTRATION'),
    edgeKey: read('EDGE_KEY'),
    limit: (name) => ({ ...limits[name], ...overrides.get(name) }),
  };
}

function required({ instead, least = 1 }: { instead?: string; least?: number } = {}): Reader<string> {
  return (value = instead, name) => {
    if (value === undefined || value.length < least) throw malformed(name, `at least ${least} characters`);
    return value;
  };
}

function optional(value: string | undefined, name: string): string | undefined {
  if (value === '') throw malformed(name, 'not empty');
  return value;
}

function readDays(value = String(events.daysDefault), name: string): number {
  const days = Number(value);
  if (!Number.isInteger(days) || days < 1) throw malformed(name, 'a whole number of days');
  return days;
}

function readRegistration(value = 'open', name: string): 'open' | 'closed' {
  if (value !== 'open' && value !== 'closed') throw malformed(name, 'open or closed');
  return value;
}

type Override = Pick<Limit, 'max' | 'windowSeconds'>;

function readLimits(value = '{}', name: string): ReadonlyMap<string, Override> {
  const read: unknown = JSON.parse(value);
  const overrides = Object.entries(read ?? {});
  for (const [limit, { max, windowSeconds, ...rest }] of overrides) {
    const isLimit = limit in limits && [max, windowSeconds].every((part) => Number.isInteger(part) && part >= 1);
    if (!isLimit || Object.keys(rest).length > 0)
      throw malformed(name, 'limits of the policy, each with max and windowSeconds');
  }
  return new Map(overrides);
}

function malformed(name: string, wanted: string): Error {
  return new Error(`${name} of the environment must be ${wanted}.`);
}
