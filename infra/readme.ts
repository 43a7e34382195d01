import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contracts } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';
import { type Limit, limits } from '../shared/domain/policy.ts';
import { root } from './build.ts';
import { markdownTable } from './markdown-table.ts';
import { settingsSchema } from './settings.ts';

/** The README, whose tables come from the code: `npm run readme` writes them, a test finds them out of date. */
export const readmeFile = join(root, 'README.md');

/** The README's generated parts, by the name in their markers. */
const parts: Readonly<Record<string, () => string>> = {
  endpoints: () =>
    markdownTable(
      ['endpoint', 'who', 'limit', 'file'],
      contracts.map((contract) => [
        `\`${contract.method} ${contract.path}\` ${contract.summary}`,
        whoOf(contract),
        contract.limit ? limitText(limits[contract.limit]) : '–',
        `[${contract.operation}](functions/${contract.operation}.ts)`,
      ]),
    ),
  settings: () =>
    markdownTable(
      ['setting', 'default', 'meaning'],
      Object.entries(settingsSchema.shape).map(([name, schema]) => {
        const read = schema.safeParse(undefined);
        const value = read.success && read.data !== undefined ? JSON.stringify(read.data) : 'none';
        return [`\`${name}\``, `\`${value}\``, schema.meta()?.description ?? ''];
      }),
    ),
};

/** The README with its generated parts as they must be now. A marker without a part, or a part without a marker, throws. */
export function refresh(readme: string): string {
  const seen = new Set<string>();
  const fresh = readme.replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`README.md has a marker for ${name}, which nothing generates.`);
      seen.add(name);
      return `${begin}${part()}\n${end}`;
    },
  );
  for (const name of Object.keys(parts)) if (!seen.has(name)) throw new Error(`README.md has no marker for ${name}.`);
  return fresh;
}

function whoOf({ who, scope, fresh }: Contract): string {
  return [who, scope && `key (${scope})`, fresh && 'fresh'].filter(Boolean).join(', ');
}

function limitText({ max, windowSeconds, per }: Limit): string {
  const units = { 60: 'min', 300: '5 min', 3600: 'h' } as const;
  const unit = Object.entries(units).find(([seconds]) => Number(seconds) === windowSeconds)?.[1];
  return `${max} per ${unit ?? `${windowSeconds} s`} and ${per}`;
}

if (import.meta.main) await writeFile(readmeFile, refresh(await readFile(readmeFile, 'utf8')));
