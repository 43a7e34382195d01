/** Samples in short: the middle, the quarters on either side of it, and the least. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly runs: number;
}

/** The value below which a share of the samples lies, between two samples in proportion. Throws without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new Error('there is nothing to take a share of');
  return below + (above - below) * (at - Math.floor(at));
}

/** Sums samples up. */
export function spreadOf(samples: readonly number[]): Spread {
  return {
    median: quantile(samples, 0.5),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    least: quantile(samples, 0),
    runs: samples.length,
  };
}

/**
 * How many times the one is the other, both measured turn by turn. Each pair was taken at the same moment, so that what slows the
 * machine slows both: the quotients of the pairs spread far less than the samples do.
 */
export function ratioOf(samples: readonly number[], baseline: readonly number[]): Spread {
  if (samples.length !== baseline.length) throw new Error('each sample needs the one that was taken beside it');
  return spreadOf(samples.map((sample, at) => sample / (baseline[at] ?? Number.NaN)));
}
