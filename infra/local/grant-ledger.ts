import { type Access, type Statement, usedPatterns } from './iam.ts';

/** A part of a grant: one action on one class of items, or with one key ring. */
export interface Grant {
  readonly function: string;
  readonly action: string;
  /** Pattern of partition keys, `purpose=otp` of a key ring, or `*` where the grant says nothing narrower. */
  readonly partition: string;
}

const scopes = [
  { key: 'dynamodb:LeadingKeys', prefix: '' },
  { key: 'kms:EncryptionContext:purpose', prefix: 'purpose=' },
] as const;

/** Remembers which parts of its grants each function used, so that those nobody uses can be found. */
export class GrantLedger {
  #used = new Map<string, Grant>();
  #judged = 0;
  #unjudged = 0;

  /** A function's call was decided by its role. */
  judge(): void {
    this.#judged += 1;
  }

  /** A call was made for a request, but nobody's role decided about it. */
  passUnjudged(): void {
    this.#unjudged += 1;
  }

  /** How many calls of functions IAM decided, and how many went past it. */
  decisions(): { judged: number; unjudged: number } {
    return { judged: this.#judged, unjudged: this.#unjudged };
  }

  add(operation: string, access: Access, statement: Statement): void {
    for (const partition of partitionsOf(statement, access)) {
      const grant = { function: operation, action: access.action, partition };
      this.#used.set(nameOf(grant), grant);
    }
  }

  used(): Grant[] {
    return [...this.#used.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** The granted parts that were not used since the start, or since `reset`. */
  unused(statementsOf: ReadonlyMap<string, readonly Statement[]>): Grant[] {
    const granted = [...statementsOf].flatMap(([operation, statements]) =>
      statements.flatMap((statement) => partsOf(operation, statement)),
    );
    const distinct = new Map(granted.map((grant) => [nameOf(grant), grant]));
    return [...distinct.values()].filter((grant) => !this.#used.has(nameOf(grant)));
  }

  reset(): void {
    this.#used.clear();
    this.#judged = 0;
    this.#unjudged = 0;
  }
}

function partitionsOf(statement: Statement, { context }: Access): string[] {
  const used = scopes.flatMap(({ key, prefix }) => {
    return usedPatterns(statement, key, context[key] ?? []).map((pattern) => prefix + pattern);
  });
  return used.length > 0 ? used : ['*'];
}

function partsOf(operation: string, statement: Statement): Grant[] {
  if (statement.effect === 'Deny') return [];
  const actions = statement.actions.patterns.map(({ text }) => text).filter((text) => /^(dynamodb|kms):/.test(text));
  const limited = scopes.flatMap(({ key, prefix }) => {
    const conditions = statement.conditions.filter(
      (condition) => condition.key === key && condition.operator !== 'Null',
    );
    return conditions.flatMap(({ values }) => values.map((value) => prefix + value));
  });
  const partitions = limited.length > 0 ? limited : ['*'];
  return actions.flatMap((action) => partitions.map((partition) => ({ function: operation, action, partition })));
}

function nameOf({ function: operation, action, partition }: Grant): string {
  return `${operation} ${action} ${partition}`;
}
