import * as z from 'zod/mini';

/** A part of a schema, in JSON Schema's words. */
export type SchemaPart = z.core.JSONSchema.BaseSchema;

/** A value that a schema refuses, and what is wrong with it. */
export interface WrongValue {
  readonly why: string;
  readonly value: unknown;
}

/** Stands for a number that JSON can write and no double can hold; `writeJson` writes it. */
export const hugeNumber = '⟨1e309⟩';

/** Writes JSON as `JSON.stringify` does, with `hugeNumber` as the number that it stands for. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${hugeNumber}"`, '1e309');
}

/** The shapes that a schema takes: one, or one for each branch of a union. */
export function shapesOf(schema: z.ZodMiniType): SchemaPart[] {
  const { $defs = {}, ...written } = z.toJSONSchema(schema, { io: 'input' });
  const named = written.$ref === undefined ? written : $defs[written.$ref.replace('#/$defs/', '')];
  if (named === undefined) throw new Error(`${written.$ref} is not defined.`);
  return branchesOf(named);
}

/** The fields of an object, each with its schema. */
export function fieldsOf({ properties = {} }: SchemaPart): (readonly [name: string, schema: SchemaPart])[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    typeof schema === 'boolean' ? [] : [[name, schema] as const],
  );
}

/** A value that a shape takes: its example where it has one; of an object what is required, and the fields named besides. */
export function rightValue(schema: SchemaPart, besides: readonly string[] = []): unknown {
  const example = schema.examples?.[0] ?? schema['example'] ?? schema.const ?? schema.enum?.[0];
  if (example !== undefined) return example;
  switch (schema.type) {
    case 'object': {
      const wanted = new Set([...(schema.required ?? []), ...besides]);
      return Object.fromEntries(
        fieldsOf(schema)
          .filter(([name]) => wanted.has(name))
          .map(([name, field]) => [name, rightValue(field)]),
      );
    }
    case 'array':
      return [rightValue(itemsOf(schema))];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string': {
      const text = 'Some text';
      if (patternsOf(schema).every((pattern) => pattern.test(text))) return text;
      throw new Error(`A text of the form ${schema.pattern} needs an example in its contract.`);
    }
    default: {
      const [branch] = branchesOf(schema);
      if (branch === undefined || branch === schema) throw new Error('There is no value for such a schema.');
      return rightValue(branch);
    }
  }
}

/** Values that a schema refuses: every other type, and what is beside each of its bounds. */
export function wrongValues(schema: SchemaPart): WrongValue[] {
  const branches = branchesOf(schema);
  const types = new Set<unknown>(branches.map(typeOf));
  const ofOtherType = Object.entries(oneOfEach)
    .filter(([type]) => !types.has(type))
    .map(([type, value]) => ({ why: type === 'null' ? 'null' : `a ${type}`, value }));
  return [...ofOtherType, ...branches.flatMap(besideBounds)];
}

const oneOfEach = { string: 'text', number: 7, boolean: true, null: null, object: { text: 'text' }, array: [[]] };

function typeOf({ type }: SchemaPart) {
  return type === 'integer' ? 'number' : type;
}

function branchesOf(schema: SchemaPart): SchemaPart[] {
  return (schema.oneOf ?? schema.anyOf ?? [schema]).filter((branch) => typeof branch !== 'boolean');
}

function itemsOf({ items }: SchemaPart): SchemaPart {
  if (items === undefined || typeof items === 'boolean' || Array.isArray(items)) throw new Error('A list of what?');
  return items;
}

function besideBounds(schema: SchemaPart): WrongValue[] {
  const choices = schema.const === undefined ? schema.enum : [schema.const];
  if (choices !== undefined) return [{ why: 'another word', value: 'nonsense' }, ...otherCase(choices)];
  switch (typeOf(schema)) {
    case 'string':
      return besideText(schema);
    case 'number':
      return besideNumber(schema);
    case 'array':
      return besideList(schema);
    default:
      return [];
  }
}

function otherCase([first]: readonly unknown[]): WrongValue[] {
  return typeof first === 'string' ? [{ why: 'capital letters', value: first.toUpperCase() }] : [];
}

const oddTexts = ['', '#', 'a#b', ':', '\u0000', '１２３４５６', '²', '-1', '1.5'];

function besideText(schema: SchemaPart): WrongValue[] {
  const { minLength = 0, maxLength } = schema;
  const patterns = patternsOf(schema);
  return [
    ...oddTexts
      .filter((text) => text.length < minLength || !patterns.every((pattern) => pattern.test(text)))
      .map((text) => ({ why: `the text ${JSON.stringify(text)}`, value: text })),
    ...(maxLength === undefined ? [] : [{ why: 'a text that is too long', value: 'a'.repeat(maxLength + 1) }]),
  ];
}

function patternsOf(schema: SchemaPart): RegExp[] {
  const parts = [schema, ...(schema.allOf ?? [])].filter((part) => typeof part !== 'boolean');
  return parts.flatMap(({ pattern }) => (pattern === undefined ? [] : [new RegExp(pattern, 'u')]));
}

function besideNumber({ type, minimum, maximum }: SchemaPart): WrongValue[] {
  return [
    ...(minimum === undefined ? [] : [{ why: 'one too few', value: minimum - 1 }]),
    // One more than 2^53 − 1 is the first that no double tells from its neighbour.
    ...(maximum === undefined ? [] : [{ why: 'one too many', value: maximum + 1 }]),
    ...(type === 'integer' ? [{ why: 'a fraction', value: (minimum ?? 0) + 0.5 }] : []),
    { why: 'a number without end', value: hugeNumber },
  ];
}

function besideList(schema: SchemaPart): WrongValue[] {
  const { minItems = 0, maxItems } = schema;
  const items = itemsOf(schema);
  const tooMany = maxItems === undefined ? [] : Array.from({ length: maxItems + 1 }, () => rightValue(items));
  return [
    ...(minItems > 0 ? [{ why: 'an empty list', value: [] }] : []),
    ...(maxItems === undefined ? [] : [{ why: 'a list that is too long', value: tooMany }]),
    ...wrongValues(items).map(({ why, value }) => ({ why: `a list of ${why}`, value: [value] })),
  ];
}
