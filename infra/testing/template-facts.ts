import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

/** The properties of all resources of a type, by logical id. */
export function propertiesOf(template: Template, type: string): Record<string, Record<string, unknown>> {
  const found = z
    .record(z.string(), z.looseObject({ Properties: z.record(z.string(), z.unknown()).default({}) }))
    .parse(template.findResources(type));
  return Object.fromEntries(Object.entries(found).map(([id, resource]) => [id, resource.Properties]));
}

const list = <Schema extends z.ZodType>(item: Schema) =>
  z.union([z.array(item), item.transform((one) => [one])]).default([]);
const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: list(z.string()),
  Resource: list(z.unknown()),
  Condition: z.record(z.string(), z.record(z.string(), list(z.string()))).default({}),
});
const roleSchema = z.object({
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })).default([]),
});
const functionSchema = z.object({
  FunctionName: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  MemorySize: z.number(),
  Timeout: z.number(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }) }),
  TracingConfig: z.object({ Mode: z.literal('Active') }),
  ReservedConcurrentExecutions: z.number().optional(),
});

/** Every statement of every role, those of CDK's own functions too. */
export function statementsOf(template: Template) {
  return Object.values(propertiesOf(template, 'AWS::IAM::Role')).flatMap((properties) =>
    roleSchema.parse(properties).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  );
}

/** Our own functions, by operation, each with what its role allows. */
export function functionsOf(template: Template) {
  const roles = propertiesOf(template, 'AWS::IAM::Role');
  const resources = z
    .record(
      z.string(),
      z.looseObject({ Metadata: z.record(z.string(), z.unknown()).optional(), Properties: z.unknown() }),
    )
    .parse(template.findResources('AWS::Lambda::Function'));
  return Object.values(resources).flatMap(({ Metadata, Properties }) => {
    const operation = Metadata?.['operation'];
    if (typeof operation !== 'string') return [];
    const properties = functionSchema.parse(Properties);
    const roleId = properties.Role['Fn::GetAtt'][0];
    const role = roleSchema.parse(roles[roleId]);
    const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return [{ operation, properties, roleId, role, statements }];
  });
}

/** One of our functions as the template has it. */
export type FunctionFacts = ReturnType<typeof functionsOf>[number];

/** The operations of some functions, sorted. */
export function names(functions: readonly FunctionFacts[]): string[] {
  return functions.map(({ operation }) => operation).sort();
}
