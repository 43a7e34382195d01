import type { Contract } from '../api/route.ts';
import type { LimitSpending } from '../data/meters.ts';
import type { LimitName } from '../domain/policy.ts';
import type { Caller, Identity } from './caller.ts';
import type { Facts, Ref } from './facts.ts';
import type { Outcome } from './outcome.ts';
import type { Sent } from './read-request.ts';

/** A request whose sender is identified, before anything was read of the table. */
export type Asked<C extends Contract> = Sent<C> & {
  readonly identity: C['who'] extends 'public' ? Identity | undefined : Identity;
};

/** A request whose facts were read, ready to be decided. */
export type Known<C extends Contract> = Asked<C> & {
  readonly caller: C['who'] extends 'public' ? Caller | undefined : Caller;
  /** What spending the limit comes to, for an endpoint that keeps its use in an item of its own. */
  readonly spending: LimitSpending | undefined;
  /** Does something expensive once, however often the decision is made again. */
  readonly once: <T>(name: string, work: () => Promise<T>) => Promise<T>;
};

/** The code of one endpoint. Everything around it — see `endpoint.ts` — is the same for all. */
export interface Operation<C extends Contract> {
  /** What to read beside the caller, by reference. */
  readonly load?: (asked: Asked<C>) => readonly Ref[];
  /** Facts in, outcome out. It writes nothing and asks no clock; when facts have moved it is asked again. */
  readonly decide: (known: Known<C>, facts: Facts) => Outcome<C> | Promise<Outcome<C>>;
  /** Where the limit is per account or per session: whose guard is spent, or which item keeps the use. */
  readonly guards?: (asked: Asked<C>) => string;
  readonly limitItem?: (asked: Asked<C>, facts: Facts) => Readonly<Record<string, unknown>> | undefined;
  /** Decided before the limit is looked at: a lock is told as a lock, not as a limit. */
  readonly gate?: (known: Known<C>, facts: Facts) => Outcome<C> | undefined;
  /** What follows is expensive: the limit is spent in a transaction before it. */
  readonly spendsFirst?: true;
  /** What differs from the contract, where one route leads to several operations. */
  readonly rules?: {
    readonly who: Contract['who'];
    readonly limit: LimitName | undefined;
    readonly duringPasswordChange?: true;
  };
}
