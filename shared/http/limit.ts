import { fail } from '../api/problems.ts';
import * as addressLimits from '../data/address-limits.ts';
import type { Write } from '../data/expression.ts';
import * as logins from '../data/logins.ts';
import { type LimitSpending, limitUse } from '../data/meters.ts';
import { rateLimitHeaders, spend } from '../domain/limiter.ts';
import type { Limit, LimitName } from '../domain/policy.ts';
import type { Caller } from './caller.ts';
import type { Facts, Ref } from './facts.ts';

/** Whose budget a request spends: the place where its use is kept. */
export type Budget =
  | { readonly kept: 'meter'; readonly name: LimitName; readonly limit: Limit }
  | { readonly kept: 'address'; readonly name: LimitName; readonly limit: Limit; readonly address: string }
  | { readonly kept: 'guard'; readonly name: LimitName; readonly limit: Limit; readonly account: string }
  /** In an item that the endpoint itself writes. */
  | {
      readonly kept: 'elsewhere';
      readonly name: LimitName;
      readonly limit: Limit;
      readonly item: (facts: Facts) => Readonly<Record<string, unknown>> | undefined;
    };

/** What spending one of the budget comes to. */
export interface Spent {
  readonly spending: LimitSpending;
  readonly headers: Readonly<Record<string, string>>;
}

/** What must be read to know how much of a budget is left. */
export function budgetRefs(budget: Budget): Ref[] {
  if (budget.kept === 'address') return [addressLimits.ref(budget.address, budget.name)];
  return budget.kept === 'guard' ? [logins.ref(budget.account)] : [];
}

/** Spends one of a budget, or throws `rate_limited`. What was read may be old: the write's condition decides. */
export function spendBudget(budget: Budget, facts: Facts, caller: Caller | undefined, now: number): Spent {
  const { name, limit } = budget;
  const seen = limitUse(itemOf(budget, facts, caller) ?? {}, name);
  const spending = spend(seen && { started_ms: seen.startedMs, used: seen.used }, limit, now);
  const headers = rateLimitHeaders(name, limit, spending);
  if (!spending.allowed) throw fail('rate_limited', { retryAfterSeconds: spending.retryAfterSeconds, headers });
  return { spending: { name, max: limit.max, seen, opensNewWindow: spending.opensNewWindow, now }, headers };
}

/** The write that spends a budget, where it is an item of its own. */
export function spendingWrites(budget: Budget, { spending }: Spent): Write[] {
  if (budget.kept === 'address') return [addressLimits.spendOne(budget.address, spending)];
  return budget.kept === 'guard' ? [logins.spendTry(budget.account, spending)] : [];
}

function itemOf(budget: Budget, facts: Facts, caller: Caller | undefined) {
  switch (budget.kept) {
    case 'meter':
      return caller?.meter;
    case 'address':
      return facts.get(addressLimits.ref(budget.address, budget.name));
    case 'guard':
      return facts.get(logins.ref(budget.account));
    case 'elsewhere':
      return budget.item(facts);
  }
}
