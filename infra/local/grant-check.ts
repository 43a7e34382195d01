import * as z from 'zod';
import type { Grant } from './grant-ledger.ts';

/** What the control port of a product says of its grants. */
export interface GrantReport {
  /** Calls that functions made and IAM decided. */
  readonly judged: number;
  /** Calls that were made for a request, but under an access key that no policy binds. */
  readonly unjudged: number;
  readonly unused: readonly Grant[];
}

const grantSchema = z.object({ function: z.string(), action: z.string(), partition: z.string() });
const reportSchema = z.object({ judged: z.int(), unjudged: z.int(), unused: z.array(grantSchema) });

/** Asks a running product. */
export async function readGrantReport(control: string): Promise<GrantReport> {
  const response = await fetch(`${control}/grants`, { signal: AbortSignal.timeout(10_000) });
  return reportSchema.parse(await response.json());
}

/** What is wrong with the decisions of these products, each a sentence: IAM was not on, or calls went past it. */
export function judgeDecisions(reports: readonly Pick<GrantReport, 'judged' | 'unjudged'>[]): string[] {
  const past = reports.reduce((sum, { unjudged }) => sum + unjudged, 0);
  return [
    ...(reports.some(({ judged }) => judged === 0) ? ['A product decided about no call: IAM was not on.'] : []),
    ...(past > 0 ? [`${past} calls of functions went past IAM, under the operator’s key.`] : []),
  ];
}

/**
 * What is wrong with the grants after the whole suite ran against these products, each a sentence: a call past IAM, or a grant
 * that was used in none of them. No sentence: every call was decided, and nothing is granted that nothing needs.
 */
export function judgeGrants(reports: readonly GrantReport[]): string[] {
  const [first, ...others] = reports.map(({ unused }) => new Map(unused.map((grant) => [sentenceOf(grant), grant])));
  const everywhere = [...(first ?? new Map<string, Grant>()).keys()].filter((name) =>
    others.every((unused) => unused.has(name)),
  );
  return [...judgeDecisions(reports), ...everywhere.sort()];
}

function sentenceOf({ function: operation, action, partition }: Grant): string {
  return `${operation} is granted ${action} on ${partition}, and nothing in the suite uses it.`;
}

/** What is known of a run when it ends. */
export interface SuiteRun {
  /** Test files that there are, and those that ran to their end without a failure. */
  readonly files: readonly string[];
  readonly passed: readonly string[];
  /** Set where only tests of some names ran. */
  readonly namePattern: RegExp | undefined;
}

/** Whether a run tells which grants nobody uses: all files ran, whole and without a failure. */
export function isWholeSuite({ files, passed, namePattern }: SuiteRun): boolean {
  const ran = new Set(passed);
  return namePattern === undefined && files.length > 0 && files.every((file) => ran.has(file));
}
