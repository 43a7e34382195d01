import * as z from 'zod';
import { isRecord, listOf } from './json.ts';

/** What a caller wants to do: one IAM action on one resource, in a context of condition keys. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  /** Values of each condition key that the request has; a key without values is a key that is not there. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** One statement of a policy, its patterns ready to be matched. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
  readonly conditions: readonly Condition[];
}

/** `not`: the statement speaks of everything that no pattern matches (NotAction, NotResource). */
interface Patterns {
  readonly not: boolean;
  readonly patterns: readonly Pattern[];
}

interface Pattern {
  readonly text: string;
  readonly matches: (value: string) => boolean;
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
  readonly holds: (values: readonly string[]) => boolean;
}

/** Why a request is allowed or not; `statement` is the one that allowed or denied it. */
export type Decision =
  | { readonly verdict: 'allow' | 'explicit_deny'; readonly statement: Statement }
  | { readonly verdict: 'implicit_deny' };

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.unknown().optional(),
  NotAction: z.unknown().optional(),
  Resource: z.unknown().optional(),
  NotResource: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/**
 * Reads a statement of an identity policy. One that says something this evaluation does not know (an operator, a
 * condition key, a policy variable) throws: it must not be read more kindly here than on AWS.
 */
export function readStatement(json: unknown): Statement {
  const read = statementSchema.parse(json);
  const conditions = Object.entries(read.Condition ?? {}).flatMap(([operator, keys]) => {
    return Object.entries(keys).map(([key, values]) => readCondition(operator, key, listOf(values).map(String)));
  });
  return {
    effect: read.Effect,
    actions: readPatterns(read.Action, read.NotAction, (text) => wildcard(text, 'i')),
    resources: readPatterns(read.Resource, read.NotResource, (text) => wildcard(text)),
    conditions,
  };
}

/** Decides as IAM does: an explicit Deny wins, then an Allow, and what nobody allows is denied. */
export function decide(statements: readonly Statement[], access: Access): Decision {
  let allowing: Statement | undefined;
  for (const statement of statements) {
    if (!speaksOf(statement, access)) continue;
    if (statement.effect === 'Deny') return { verdict: 'explicit_deny', statement };
    allowing ??= statement;
  }
  return allowing === undefined ? { verdict: 'implicit_deny' } : { verdict: 'allow', statement: allowing };
}

/** The patterns of a statement's condition on `key` that match one of `values`: the part of the grant that is used. */
export function usedPatterns(statement: Statement, key: string, values: readonly string[]): string[] {
  const patterns = statement.conditions.filter((condition) => condition.key === key && condition.operator !== 'Null');
  return patterns.flatMap((condition) => condition.values).filter((pattern) => values.some(wildcard(pattern)));
}

function speaksOf(statement: Statement, { action, resource, context }: Access): boolean {
  const isAction = statement.actions.patterns.some(({ matches }) => matches(action)) !== statement.actions.not;
  const isResource = statement.resources.patterns.some(({ matches }) => matches(resource)) !== statement.resources.not;
  return isAction && isResource && statement.conditions.every(({ key, holds }) => holds(valuesOf(context, key)));
}

// Names of condition keys are not case-sensitive, except the part after kms:EncryptionContext:.
function valuesOf(context: Access['context'], key: string): readonly string[] {
  return context[key] ?? [];
}

function readPatterns(
  positive: unknown,
  negative: unknown,
  compile: (text: string) => (value: string) => boolean,
): Patterns {
  if ((positive === undefined) === (negative === undefined))
    throw new Error('a statement needs Action or NotAction, Resource or NotResource');
  const texts = listOf(positive ?? negative).map(String);
  return { not: positive === undefined, patterns: texts.map((text) => ({ text, matches: compile(text) })) };
}

type Test = (value: string, patterns: readonly string[]) => boolean;

const equals: Test = (value, patterns) => patterns.includes(value);
const equalsIgnoringCase: Test = (value, patterns) =>
  patterns.some((pattern) => pattern.toLowerCase() === value.toLowerCase());
const like: Test = (value, patterns) => patterns.some((pattern) => wildcard(pattern)(value));
const arnLike: Test = (value, patterns) => {
  const parts = arnParts(value);
  return patterns.some((pattern) => arnParts(pattern).every((part, at) => wildcard(part)(parts[at] ?? '')));
};

// ArnEquals and ArnLike are the same operator.
const tests: Record<string, { readonly test: Test; readonly negative?: true }> = {
  StringEquals: { test: equals },
  StringNotEquals: { test: equals, negative: true },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase },
  StringNotEqualsIgnoreCase: { test: equalsIgnoringCase, negative: true },
  StringLike: { test: like },
  StringNotLike: { test: like, negative: true },
  ArnEquals: { test: arnLike },
  ArnLike: { test: arnLike },
  ArnNotEquals: { test: arnLike, negative: true },
  ArnNotLike: { test: arnLike, negative: true },
  Bool: { test: equalsIgnoringCase },
};

const knownKeys =
  /^(dynamodb:(LeadingKeys|Select|ReturnValues|EnclosingOperation|ReturnConsumedCapacity)|kms:(EncryptionContext:.+|EncryptionContextKeys|SigningAlgorithm|MessageType|EncryptionAlgorithm|DataKeySpec)|aws:(SecureTransport|PrincipalArn))$/;

function readCondition(operator: string, key: string, values: readonly string[]): Condition {
  if (!knownKeys.test(key)) throw new Error(`the condition key ${key} is not known here`);
  const variable = values.find((value) => value.includes('${'));
  if (variable !== undefined) throw new Error(`the policy variable in ${variable} is not known here`);

  if (operator === 'Null') {
    const absent = values.every((value) => value === 'true');
    return { operator, key, values, holds: (present) => (present.length === 0) === absent };
  }
  const [, quantifier, name = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const found = tests[name];
  if (found === undefined) throw new Error(`the condition operator ${operator} is not known here`);
  const { test, negative = false } = found;
  const matches = (value: string) => test(value, values) !== negative;

  function holds(present: readonly string[]): boolean {
    // No value is less than any other: all of none match. Hence the Null guard that a ForAllValues needs beside it.
    if (quantifier === 'ForAllValues') return present.every(matches);
    if (present.length === 0) return ifExists !== undefined || (negative && quantifier === undefined);
    if (quantifier === 'ForAnyValue') return present.some(matches);
    const [only, ...others] = present;
    // A plain operator is for keys of one value.
    return only !== undefined && others.length === 0 && matches(only);
  }
  return { operator, key, values, holds };
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

const compiled = new Map<string, (value: string) => boolean>();

/** Matches `*` and `?` as IAM does. */
function wildcard(pattern: string, flags = ''): (value: string) => boolean {
  const name = `${flags}|${pattern}`;
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, `s${flags}`);
  const matches = (value: string) => expression.test(value);
  compiled.set(name, matches);
  return matches;
}

/** The statements of a policy document. */
export function readPolicy(document: unknown): Statement[] {
  if (!isRecord(document)) throw new Error('a policy document is an object');
  return listOf(document.Statement).map(readStatement);
}
