import type { ProblemCode, ProblemExtras } from '../api/problems.ts';
import type { Contract, ReplyBody } from '../api/route.ts';
import type { Action, AuditEvent } from '../data/events.ts';
import type { Write } from '../data/expression.ts';
import type { MeterChange } from '../data/meters.ts';

/** An event as an endpoint tells it; who, when, whence and the request's id are added when it is committed. */
export interface EventDraft {
  readonly action: Action;
  readonly resource: AuditEvent['resource'];
  readonly resourceId?: string | undefined;
  readonly status: AuditEvent['status'];
  readonly details?: Record<string, unknown>;
  /** Where nobody is logged in: whose partition it goes to, and who it was if that is known. */
  readonly about?: {
    readonly partition: string;
    readonly userId?: string | undefined;
    readonly username?: string | undefined;
  };
}

/** What one transaction writes. */
export interface Part {
  readonly writes?: readonly Write[];
  readonly events?: readonly EventDraft[];
  /** What the user's meter gains. */
  readonly usage?: MeterChange;
  /** Done once it is committed: log lines and metrics about what is now true. */
  readonly afterwards?: () => void;
}

/** What an endpoint writes and sends beside its answer. */
export interface Effects extends Part {
  /** What is too much for one transaction: each committed before the next and all before the rest, each all or nothing. */
  readonly parts?: readonly Part[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** What an endpoint decided: an answer or a refusal, and what must be written with it, all or nothing. */
export type Outcome<C extends Contract> =
  | (Effects & { readonly reply: ReplyBody<C>; readonly status?: number; readonly contentType?: string })
  | Refusal;

/** A refusal, and what must be written with it. */
export type Refusal = Effects & { readonly refuse: ProblemCode; readonly extras?: ProblemExtras };
