import type { bulkGenerateCodes } from '../../../shared/api/otp-codes.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';

/** The code of one configuration, or why there is none. */
export type BulkRow = ReplyBody<typeof bulkGenerateCodes>['results'][number];

/** Why there is no code for a configuration. */
export type CodeRefusal = Extract<BulkRow, { success: false }>['error'];

/** What is known of a time-based configuration: codes by their time step (RFC 6238 §4.2). */
export interface KnownCodes {
  readonly intervalSeconds: number;
  readonly byStep: ReadonlyMap<number, string>;
  readonly refusal?: CodeRefusal;
  /** The step that the last answer was about. */
  readonly askedInStep: number;
}

/** What to show of a configuration at an instant. */
export interface CodeNow {
  readonly code: string | undefined;
  readonly next: string | undefined;
  readonly refusal: CodeRefusal | undefined;
  readonly remainingSeconds: number;
}

/** The time step of an instant. */
export function stepAt(ms: number, intervalSeconds: number): number {
  return Math.floor(ms / 1000 / intervalSeconds);
}

/** Takes down an answer that came at `nowMs`, with the code after it, which the service gives along. */
export function learn(row: BulkRow, intervalSeconds: number, nowMs: number): KnownCodes {
  const current = stepAt(nowMs, intervalSeconds);
  if (!row.success) return { intervalSeconds, byStep: new Map(), refusal: row.error, askedInStep: current };
  // The answer may have travelled across the end of its step: its own remaining seconds tell the step, not its arrival.
  const step =
    row.remaining_seconds === undefined
      ? current
      : Math.round((nowMs / 1000 + row.remaining_seconds) / intervalSeconds) - 1;
  const byStep = new Map([[step, row.otp_code]]);
  if (row.next_otp_code !== undefined) byStep.set(step + 1, row.next_otp_code);
  return { intervalSeconds, byStep, askedInStep: step };
}

/** What to show at an instant. */
export function codeAt(known: KnownCodes | undefined, intervalSeconds: number, nowMs: number): CodeNow {
  const step = stepAt(nowMs, intervalSeconds);
  return {
    code: known?.byStep.get(step),
    next: known?.byStep.get(step + 1),
    refusal: known?.refusal,
    remainingSeconds: intervalSeconds - (Math.floor(nowMs / 1000) % intervalSeconds),
  };
}

/** When to ask again, so that each configuration costs one question a period: once its step is over. */
export function dueMs(known: KnownCodes | undefined, nowMs: number): number {
  if (!known) return nowMs;
  return Math.max(nowMs, (known.askedInStep + 1) * known.intervalSeconds * 1000);
}
