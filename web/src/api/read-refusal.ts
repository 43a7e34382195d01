import type { Problem } from '../../../shared/api/problems.ts';
import { Refusal } from './problem.ts';

/** Reads the refusal out of an answer that is not a success. */
export async function readRefusal(response: Response): Promise<Refusal> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isInteger(seconds) && seconds >= 0 ? seconds : undefined;
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  const problem: Partial<Problem> = isProblem ? await response.json() : {};
  return new Refusal(response.status, problem, retryAfterSeconds);
}
