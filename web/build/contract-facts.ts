import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import type { Contract } from '../../shared/api/route.ts';

const contractFile = /[\\/]shared[\\/]api[\\/][a-z-]+\.ts$/;

/**
 * Gives the console what it needs of a contract at run time, which is where to call: of every contract in `shared/api` its
 * facts without its schemas. The types stay the contract's own. So one file is the promise of an endpoint for both sides,
 * and no visitor downloads zod (37 kB gzip) for a method and a path.
 */
export function contractFacts(): Plugin {
  return {
    name: 'contract-facts',
    enforce: 'pre',
    async load(id) {
      const [file] = id.split('?');
      if (file === undefined || !contractFile.test(file)) return null;
      // A new address at each load, so that the development server sees a contract that changed.
      const exported: Record<string, unknown> = await import(`${pathToFileURL(file)}?at=${Date.now()}`);
      const facts = Object.entries(exported).flatMap(([name, value]) =>
        isContract(value) ? [`export const ${name} = ${JSON.stringify(factsOf(value))};`] : [],
      );
      // A file without a contract has no schema either: it is taken as it is.
      return facts.length === 0 ? null : facts.join('\n');
    },
  };
}

/** What the client reads of a contract. */
export type ContractFacts = Pick<Contract, 'operation' | 'method' | 'path' | 'who' | 'idempotency'>;

function factsOf({ operation, method, path, who, idempotency }: Contract): ContractFacts {
  return { operation, method, path, who, ...(idempotency && { idempotency }) };
}

function isContract(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'operation' in value && 'method' in value && 'path' in value;
}
