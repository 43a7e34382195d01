import type * as z from 'zod/mini';
import type { LimitName } from '../domain/policy.ts';
import type { ProblemCode } from './problems.ts';

/** What an API key may be allowed to do. */
export const scopes = ['otp:generate', 'otp:validate', 'otp:configs:read'] as const;
export type Scope = (typeof scopes)[number];

/** The answer of a route when all went well. */
export interface Reply {
  readonly status: 200 | 201;
  readonly schema: z.ZodMiniType;
  readonly description: string;
  /** Set where the answer is not JSON. */
  readonly contentType?: readonly string[];
  /** Where the same body may come with another status, and what that means. */
  readonly orStatus?: { readonly status: 503; readonly description: string };
}

/**
 * The promise of one endpoint: it drives the handler, the gateway's routes, OpenAPI, the grants and the console's client.
 * `operation` is the path of its file under `functions/`, without the ending.
 */
export interface Contract {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As in the gateway: never ends with a slash, parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly who: 'public' | 'user' | 'admin';
  /** An API key with this scope may call it too. */
  readonly scope?: Scope;
  /** Needs a log-in or step-up in the last five minutes. */
  readonly fresh?: true;
  /** Stays usable while the user must change the password. */
  readonly duringPasswordChange?: true;
  readonly limit?: LimitName;
  readonly params?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** The body may also come as `application/x-www-form-urlencoded`. */
  readonly form?: true;
  readonly bodyBytes?: number;
  readonly reply: Reply;
  readonly problems: readonly ProblemCode[];
  /**
   * Whether `Idempotency-Key` is honoured: the answer is kept as it is, or sealed by a key ring because it holds a secret or a code.
   * Absent: the route does not take the header.
   */
  readonly idempotency?: 'kept' | 'sealed-otp' | 'sealed-mfa';
}

/** What a request of this route carries in one of its places, after its schema. */
export type Input<C extends Contract, Place extends 'params' | 'query' | 'body'> = C extends {
  readonly [place in Place]: infer Schema extends z.ZodMiniType;
}
  ? z.output<Schema>
  : undefined;

/** The body of a route's answer. */
export type ReplyBody<C extends Contract> = z.input<C['reply']['schema']>;

/** Declares a route; the types of its schemas stay known to handler and client. */
export function route<const C extends Contract>(contract: C): C {
  return contract;
}
