import * as z from 'zod';
import { corsSchema } from './cors.ts';
import { type TableShape, tableSchema } from './dynamodb.ts';
import type { HttpApi } from './gateway.ts';
import { readPolicy, type Statement } from './iam.ts';
import { isRecord, listOf } from './json.ts';
import type { TableKeys } from './required-access.ts';
import { type ReadProperties, type Resource, resourcesOf, type Template } from './template.ts';

/** A function of the stack, as it is to run here. */
export interface StackFunction {
  readonly operation: string;
  readonly name: string;
  readonly arn: string;
  readonly role: string;
  /** Of its role, as far as they speak of what is here: the table, the keys, the failure queue. */
  readonly statements: readonly Statement[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** What reads the table's stream. */
export interface StreamSource {
  readonly operation: string;
  readonly batchSize: number;
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
  /** -1: for ever. */
  readonly maxRetries: number;
  /** ARN of the queue for what it cannot read. */
  readonly failureQueue: string | undefined;
  /** Patterns, of which a record must fit one; none lets everything through. */
  readonly patterns: readonly unknown[];
  readonly startsAt: 'TRIM_HORIZON' | 'LATEST';
  /** Length of its tumbling windows; 0: it has none. */
  readonly windowSeconds: number;
}

/** The stack as this machine runs it. */
export interface LocalStack {
  readonly functions: readonly StackFunction[];
  readonly api: HttpApi;
  readonly table: { readonly shape: TableShape; readonly keys: TableKeys };
  readonly streamSources: readonly StreamSource[];
  /** Operations that run once at every deployment. */
  readonly triggers: readonly string[];
}

const functionSchema = z.object({
  FunctionName: z.string().optional(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
});

/** Reads everything of the template that runs here. What cannot be read throws a sentence that names the resource. */
export function readStack(template: Template, read: ReadProperties, tableName: string): LocalStack {
  const functions = readFunctions(template, read);
  return {
    functions,
    api: readApi(template, read, functions),
    table: readTable(template, read, tableName),
    streamSources: readStreamSources(template, read, functions),
    triggers: readTriggers(template, read, functions),
  };
}

function readFunctions(template: Template, read: ReadProperties): StackFunction[] {
  // CDK's own functions carry no operation: they work at deployments only.
  const ours = resourcesOf(template, 'AWS::Lambda::Function').filter(
    ({ metadata }) => typeof metadata.operation === 'string',
  );
  return ours.map((resource) => {
    const { FunctionName, Role, Environment, Timeout, MemorySize } = read(resource, functionSchema);
    const role = Role.slice(Role.lastIndexOf('/') + 1);
    const name = FunctionName ?? resource.id;
    return {
      operation: String(resource.metadata.operation),
      name,
      arn: read(
        { ...resource, properties: { Arn: { 'Fn::GetAtt': [resource.id, 'Arn'] } } },
        z.object({ Arn: z.string() }),
      ).Arn,
      role,
      statements: statementsOf(template, read, role),
      environment: Environment?.Variables ?? {},
      timeoutSeconds: Timeout,
      memoryMb: MemorySize,
    };
  });
}

const inlineSchema = z.object({ Policies: z.array(z.object({ PolicyDocument: z.unknown() })).default([]) });
const policySchema = z.object({ PolicyDocument: z.unknown() });
const rolesSchema = z.object({ Roles: z.array(z.string()).default([]) });

function statementsOf(template: Template, read: ReadProperties, role: string): Statement[] {
  const resource = template.resources.get(role);
  if (resource === undefined) throw new Error(`The template has no role ${role}.`);
  const inline = read(withPoliciesOfHere(resource), inlineSchema).Policies;
  const attached = resourcesOf(template, 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')
    .filter((policy) => read(policy, rolesSchema).Roles.includes(role))
    .map((policy) => read({ ...policy, properties: withStatementsOfHere(policy.properties) }, policySchema));
  return [...inline, ...attached].flatMap(({ PolicyDocument }) => {
    try {
      return readPolicy(PolicyDocument);
    } catch (cause) {
      throw new Error(
        `The policy of ${role} cannot be judged here: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    }
  });
}

function withPoliciesOfHere(role: Resource): Resource {
  const policies = listOf(role.properties.Policies).map((policy) =>
    isRecord(policy) ? withStatementsOfHere(policy) : policy,
  );
  return { ...role, properties: { ...role.properties, Policies: policies } };
}

// Statements on logs, traces and the like may hold what nothing here can judge, and nothing here is what they speak of.
function withStatementsOfHere(policy: Record<string, unknown>): Record<string, unknown> {
  const document = policy.PolicyDocument;
  if (!isRecord(document)) return policy;
  const ofHere = listOf(document.Statement).filter((statement) => {
    const actions = isRecord(statement) ? listOf(statement.Action) : [];
    return actions.length === 0 || actions.some((action) => /^(dynamodb|kms|sqs|\*)/i.test(String(action)));
  });
  return { ...policy, PolicyDocument: { ...document, Statement: ofHere } };
}

const routeSchema = z.object({ RouteKey: z.string(), Target: z.string() });
const integrationSchema = z.object({ IntegrationUri: z.string(), PayloadFormatVersion: z.literal('2.0') });
const throttleSchema = z.object({ ThrottlingBurstLimit: z.number(), ThrottlingRateLimit: z.number() });
const stageSchema = z.object({
  DefaultRouteSettings: throttleSchema.optional(),
  RouteSettings: z.record(z.string(), throttleSchema.partial()).default({}),
});
const apiSchema = z.object({ CorsConfiguration: corsSchema.optional() });

function readApi(template: Template, read: ReadProperties, functions: readonly StackFunction[]): HttpApi {
  const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
  const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
  if (api === undefined || stage === undefined) throw new Error('The template has no HTTP API with a stage.');
  const { DefaultRouteSettings, RouteSettings } = read(stage, stageSchema);
  const throttle = DefaultRouteSettings && readThrottle(DefaultRouteSettings);
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map((resource) => {
    const { RouteKey, Target } = read(resource, routeSchema);
    const integration = template.resources.get(Target.slice(Target.lastIndexOf('/') + 1));
    if (integration === undefined) throw new Error(`The route ${RouteKey} leads nowhere.`);
    const { IntegrationUri } = read(integration, integrationSchema);
    return { key: RouteKey, operation: operationBehind(IntegrationUri, functions) };
  });
  const routeThrottles = Object.entries(RouteSettings).flatMap(([key, settings]) => {
    const own = throttleSchema.safeParse({ ...DefaultRouteSettings, ...settings });
    return own.success ? [[key, readThrottle(own.data)] as const] : [];
  });
  return {
    id: api.id,
    routes,
    cors: read(api, apiSchema).CorsConfiguration,
    throttle,
    routeThrottles: new Map(routeThrottles),
  };
}

function readThrottle({ ThrottlingBurstLimit, ThrottlingRateLimit }: z.output<typeof throttleSchema>) {
  return { burst: ThrottlingBurstLimit, rate: ThrottlingRateLimit };
}

function readTable(template: Template, read: ReadProperties, name: string): LocalStack['table'] {
  const [resource, ...others] = resourcesOf(template, 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table');
  if (resource === undefined || others.length > 0) throw new Error('The template does not have exactly one table.');
  const shape = read(resource, tableSchema);
  const partitionKeys = (schema: TableShape['KeySchema']) => {
    return schema.filter(({ KeyType }) => KeyType === 'HASH').map(({ AttributeName }) => AttributeName);
  };
  const [partitionKey = ''] = partitionKeys(shape.KeySchema);
  const indexes = (shape.GlobalSecondaryIndexes ?? []).map(
    ({ IndexName, KeySchema }) => [IndexName, partitionKeys(KeySchema)] as const,
  );
  return { shape, keys: { name, partitionKey, indexes: new Map(indexes) } };
}

const mappingSchema = z.object({
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BatchSize: z.number().default(100),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.number().default(-1),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }) }).optional(),
  TumblingWindowInSeconds: z.number().default(0),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).optional(),
});

function readStreamSources(
  template: Template,
  read: ReadProperties,
  functions: readonly StackFunction[],
): StreamSource[] {
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map((resource) => {
    const mapping = read(resource, mappingSchema);
    const patterns = mapping.FilterCriteria?.Filters.map(({ Pattern }): unknown => JSON.parse(Pattern)) ?? [];
    return {
      operation: operationBehind(mapping.FunctionName, functions),
      batchSize: mapping.BatchSize,
      bisects: mapping.BisectBatchOnFunctionError,
      reportsItemFailures: mapping.FunctionResponseTypes.length > 0,
      maxRetries: mapping.MaximumRetryAttempts,
      failureQueue: mapping.DestinationConfig?.OnFailure.Destination,
      patterns,
      startsAt: mapping.StartingPosition,
      windowSeconds: mapping.TumblingWindowInSeconds,
    };
  });
}

function readTriggers(template: Template, read: ReadProperties, functions: readonly StackFunction[]): string[] {
  const schema = z.object({ HandlerArn: z.string() });
  return resourcesOf(template, 'Custom::Trigger').map((resource) =>
    operationBehind(read(resource, schema).HandlerArn, functions),
  );
}

/** The operation that a function's ARN or name stands for, with a version or an alias behind it or without. */
function operationBehind(text: string, functions: readonly StackFunction[]): string {
  const found = functions.find(({ arn, name }) => text === name || text === arn || text.startsWith(`${arn}:`));
  if (found === undefined) throw new Error(`${text} is no function of ours: its Metadata.operation is missing.`);
  return found.operation;
}
