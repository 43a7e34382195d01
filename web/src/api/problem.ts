import type { FieldError, Problem, ProblemCode } from '../../../shared/api/problems.ts';

/** The service refused a call and says why (RFC 9457). */
export class Refusal extends Error {
  readonly status: number;
  readonly title: string;
  /** `unknown`: not the service itself answered, but something between it and the browser. */
  readonly code: ProblemCode | 'unknown';
  readonly fields: readonly FieldError[];
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds: number | undefined) {
    super(problem.detail ?? sentenceFor(status));
    this.name = 'Refusal';
    this.status = status;
    this.title = problem.title ?? 'Unexpected answer';
    this.code = problem.code ?? 'unknown';
    this.fields = problem.errors ?? [];
    this.requestId = problem.request_id;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: no network, or none in time. Whether the call took effect is not known. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The service cannot be reached. Check your connection and try again.', { cause });
    this.name = 'Unreachable';
  }
}

/** The person closed the dialog that a call was waiting for; nothing was done and nothing needs to be said. */
export class Declined extends Error {
  constructor() {
    super('Not confirmed.');
    this.name = 'Declined';
  }
}

/** Whether an error is this refusal of the service. */
export function isRefusal(error: unknown, code: ProblemCode): error is Refusal {
  return error instanceof Refusal && error.code === code;
}

function sentenceFor(status: number): string {
  if (status === 429) return 'Too many requests. Wait a moment and try again.';
  if (status >= 500) return 'The service is not available right now. Try again in a moment.';
  return `The service answered ${status}, which this page did not expect. Reload the page.`;
}
