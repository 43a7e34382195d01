/**
 * SPEC §11, as far as it is measured while the product runs. Sizes are weighed by `infra/bundles.ts`, which has their budgets, the
 * number of resources by the stack's own tests.
 */
export const budgets = {
  /** Round trips to DynamoDB of one warm request. What handles many items has as many for each hundred of them. */
  roundTrips: { ofCodes: 2, ofOthers: 3, items: 100 },
  /** Calls to KMS of one warm request for a code. */
  kmsOfCodes: 0,
  /** CPU of importing a bundle, in times of importing one that holds only the DynamoDB document client. */
  importRatio: 1.5,
  /** CPU of a warm validation, in times of a bare handler's that makes the same two calls. */
  cpuRatio: 1.5,
  /** The most that reading statistics may cost more with the most events than with the fewest, in read units. */
  unitsGrowth: 0,
} as const;

const codeOperations: readonly string[] = ['otp/validate-code', 'otp/generate-code'];

/** What a warm request of an operation may cost; `items` is how many items of the table it handles at once. */
export function budgetOf(operation: string, items = 0): { roundTrips: number; kms: number } {
  const { ofCodes, ofOthers, items: each } = budgets.roundTrips;
  if (codeOperations.includes(operation)) return { roundTrips: ofCodes, kms: budgets.kmsOfCodes };
  // Other operations may sign tokens, each signature a call.
  return { roundTrips: ofOthers * Math.max(1, Math.ceil(items / each)), kms: Number.POSITIVE_INFINITY };
}
