import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import type { parseAst } from 'vite';

// Modules that do nothing but declare: contracts, schemas of fields and of stored items.
const declaring = /[\\/]shared[\\/](?:api|data)[\\/][\w-]+\.ts$/;

/**
 * Leaves out of a bundle what it does not use of contracts and schemas. A schema is made by calls, and a bundler keeps every call
 * whose result nobody takes: an endpoint would carry, and make at each cold start, the contracts of its whole resource. In modules
 * that only declare, nothing is lost with a constant that nobody asks for.
 */
export const dropUnusedDeclarations: Plugin = {
  name: 'drop-unused-declarations',
  setup(build) {
    build.onLoad({ filter: declaring }, async ({ path }) => {
      const { parseAst } = await import('vite');
      const source = await readFile(path, 'utf8');
      return { contents: markPure(source, parseAst(source, { lang: 'ts' })), loader: 'ts' };
    });
  },
};

/** Wraps each value of a constant of the module that calls make into one call that may be left out. */
export function markPure(source: string, { body }: ReturnType<typeof parseAst>): string {
  const constants = body
    .map((statement) => (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement))
    .flatMap((statement) => (statement?.type === 'VariableDeclaration' ? statement.declarations : []));
  const values = constants.flatMap(({ init }) =>
    init && /^(Call|Object|New)Expression$/.test(init.type) ? [init] : [],
  );
  return values
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => {
      const value = text.slice(start, end);
      return `${text.slice(0, start)}/* @__PURE__ */ (() => (${value}))()${text.slice(end)}`;
    }, source);
}
