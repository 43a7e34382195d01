import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { synthesize } from './app.ts';
import { built, root } from './build.ts';
import { markdownTable } from './markdown-table.ts';
import { runCommand } from './run-command.ts';

/** The page for auditors: `npm run iam-matrix` writes it from the template, a test finds it out of date. */
export const matrixFile = join(root, 'infra/iam-matrix.md');

const oneOrMore = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.array(schema), schema.transform((x) => [x])]);

// Strict: what this page has no place for must not be left out of it.
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.literal('Allow'),
  Action: oneOrMore(z.string()),
  Resource: oneOrMore(z.unknown()),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore(z.string()))).optional(),
});
const roleSchema = z.object({
  Properties: z.object({
    Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })).default([]),
    ManagedPolicyArns: z.array(z.unknown()).default([]),
  }),
});
const functionSchema = z.object({
  Metadata: z.looseObject({ operation: z.string().optional() }).default({}),
  Properties: z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
});
const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

type Statement = z.output<typeof statementSchema>;

/** Parts of a grant as a row shows them, by column. */
type Cells = Map<string, string[]>;

const itemColumns = ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'];
const columns = [...itemColumns, 'Decrypt', 'Sign', 'other'];

/** What every function of the template may do, as Markdown: a row a function, a column an action, in a cell the partitions. */
export function describeIam(template: unknown): string {
  const resources = templateSchema.parse(template).Resources;
  const functions = Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map((resource) => ({ resource, role: roleIdOf(resource) }));
  const ours = functions.flatMap(({ resource, role }) => {
    const { operation } = functionSchema.safeParse(resource).data?.Metadata ?? {};
    return operation === undefined ? [] : [{ operation, statements: statementsOf(resources[role]) }];
  });
  const ourRoles = new Set(functions.filter(({ resource }) => isOurs(resource)).map(({ role }) => role));
  const others = Object.entries(resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && !ourRoles.has(id));

  return [
    '# What each function may do',
    '',
    'Written by `npm run iam-matrix` from the synthesised template; a test compares the two.',
    '',
    'A row is a function, and its role has no other grant. In a cell stand the partitions of the table that the action may name',
    '(`dynamodb:LeadingKeys`, with the guard that refuses a request without a key), under Decrypt the key rings that it may open',
    '(`kms:EncryptionContext:purpose`). A transaction needs the action of each of its parts. Beside what is listed each function',
    'writes to its own log group and hands its traces to X-Ray.',
    '',
    markdownTable(
      ['function', ...columns],
      ours
        .sort((a, b) => (a.operation < b.operation ? -1 : 1))
        .map(({ operation, statements }) => {
          const cells = cellsOf(statements);
          return [operation, ...columns.map((column) => (cells.get(column) ?? []).join(' '))];
        }),
    ),
    '',
    '## Roles of functions that CDK runs at a deployment, and of services',
    '',
    markdownTable(
      ['role', 'action', 'resource'],
      others.flatMap(([id, role]) => [
        ...statementsOf(role).map(({ Action, Resource }) => [id, Action.join(' '), Resource.map(nameOf).join(' ')]),
        ...roleSchema.parse(role).Properties.ManagedPolicyArns.map((arn) => [id, 'managed policy', nameOf(arn)]),
      ]),
    ),
    '',
  ].join('\n');
}

function isOurs(resource: unknown): boolean {
  return functionSchema.safeParse(resource).data?.Metadata.operation !== undefined;
}

function roleIdOf(resource: unknown): string {
  return functionSchema.parse(resource).Properties.Role['Fn::GetAtt'][0];
}

function statementsOf(role: unknown): Statement[] {
  return roleSchema.parse(role).Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function cellsOf(statements: readonly Statement[]): Cells {
  const cells: Cells = new Map();
  const put = (column: string, text: string) => cells.set(column, [...(cells.get(column) ?? []), text].sort());
  for (const statement of statements) {
    const { Sid, Action, Resource, Condition = {} } = statement;
    if (Sid === 'Logs' || Sid === 'Traces') continue;
    const on = Resource.map(nameOf).join(' ');
    const keys = Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
    const rings = Condition['StringEquals']?.['kms:EncryptionContext:purpose'];
    for (const action of Action) {
      const [, name = action] = action.split(':');
      if (keys !== undefined) for (const key of keys) put(name, on === 'Table' ? key : `${on}: ${key}`);
      else if (rings !== undefined)
        for (const ring of rings)
          put(columns.includes(name) ? name : 'other', columns.includes(name) ? ring : `${action} ${ring};`);
      else if (name === 'Sign') put(name, on);
      else put('other', `${action} ${on};`);
    }
  }
  const stray = [...cells.keys()].filter((column) => !columns.includes(column));
  if (stray.length > 0) throw new Error(`The matrix has no column for ${stray.join(', ')}.`);
  return cells;
}

/** A resource in words: its logical id without the digest, what is behind it in an ARN, and of text the text. */
function nameOf(resource: unknown): string {
  // The digest of an asset changes with each build, what may be done with it does not.
  if (typeof resource === 'string') return resource.replace(/[0-9a-f]{64}/, '<asset>');
  const { 'Fn::GetAtt': attribute, 'Fn::Join': joined, 'Fn::Sub': pattern, Ref } = intrinsic.parse(resource);
  if (attribute !== undefined) {
    const [id, name] = attribute;
    return `${plainId(id)}${name === 'Arn' ? '' : `.${name}`}`;
  }
  if (joined !== undefined) return joined[1].map(nameOf).join('').replace('/index/', ' index ');
  if (pattern !== undefined) return nameOf(pattern);
  return Ref === undefined ? JSON.stringify(resource) : plainId(Ref);
}

const intrinsic = z.looseObject({
  'Fn::GetAtt': z.tuple([z.string(), z.string()]).optional(),
  'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]).optional(),
  'Fn::Sub': z.string().optional(),
  Ref: z.string().optional(),
});

function plainId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

async function writeMatrix(): Promise<void> {
  await synthesize({});
  const file = join(built.assembly, 'otp-service-dev.template.json');
  await writeFile(matrixFile, describeIam(JSON.parse(await readFile(file, 'utf8'))));
}

if (import.meta.main) await runCommand(writeMatrix);
