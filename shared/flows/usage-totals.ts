import type { Meter } from '../data/meters.ts';

/** What a user has and has done in all. */
export function usageTotals({ configs, active, generations, validations, successes }: Meter) {
  return {
    total_configs: configs,
    active_configs: active,
    total_generations: generations,
    total_validations: validations,
    successful_validations: successes,
  };
}
