import type { Section } from './section.ts';

/** What the bench comes to. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly text: string;
  readonly exitCode: 0 | 1;
}

/** Everything that is over budget or was not measured; with `check` any of it is a failure. */
export function verdictOf(sections: readonly Pick<Section, 'faults'>[], { check }: { check: boolean }): Verdict {
  const faults = sections.flatMap((section) => section.faults);
  if (sections.length === 0) faults.push('Nothing was measured.');
  const text = faults.length === 0 ? 'All within budget.' : ['Not within budget:', ...faults].join('\n  ');
  return { faults, text, exitCode: check && faults.length > 0 ? 1 : 0 };
}
