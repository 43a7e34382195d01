import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isRecord, type JsonRecord, listOf, parseJson } from './json.ts';

/** A resource of the synthesised template, its properties still holding CloudFormation's intrinsics. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonRecord;
  readonly metadata: JsonRecord;
}

/** The synthesised stack. */
export interface Template {
  readonly stackName: string;
  readonly resources: ReadonlyMap<string, Resource>;
  /** Parameters that have a default, which is the value they have here. */
  readonly parameters: ReadonlyMap<string, unknown>;
}

/** What CloudFormation would only know after the deployment, as it is on this machine. */
export interface LocalValues {
  readonly tableName: string;
  /** Id of each KMS key, by the resource's logical id. */
  readonly keyIds: ReadonlyMap<string, string>;
  readonly apiUrl: string;
  readonly consoleUrl: string;
  /** The value behind a dynamic reference (`{{resolve:…}}`): the same for the same reference. */
  readonly secretOf: (reference: string) => string;
}

/** The region, account and partition of everything on this machine. */
export const local = {
  region: 'us-east-1',
  account: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
} as const;

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).optional(),
      Metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).optional(),
});

/** Reads the one stack of a cloud assembly. A folder with none or several throws a sentence. */
export async function readAssembly(folder: string): Promise<Template> {
  const ending = '.template.json';
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending));
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new Error(`${folder} holds ${files.length} templates; the product is one stack.`);
  }
  return readTemplate(parseJson(await readFile(join(folder, file), 'utf8')), file.slice(0, -ending.length));
}

/** Reads a template that was parsed already. */
export function readTemplate(json: unknown, stackName: string): Template {
  const { Resources, Parameters = {} } = templateSchema.parse(json);
  const resources = Object.entries(Resources).map(([id, { Type, Properties = {}, Metadata = {} }]) => {
    return [id, { id, type: Type, properties: Properties, metadata: Metadata }] as const;
  });
  const parameters = Object.entries(Parameters).flatMap(([name, { Default }]) => {
    return Default === undefined ? [] : [[name, Default] as const];
  });
  return { stackName, resources: new Map(resources), parameters: new Map(parameters) };
}

/** The resources of a type (or of several), in the template's order. */
export function resourcesOf(template: Template, ...types: string[]): Resource[] {
  return [...template.resources.values()].filter(({ type }) => types.includes(type));
}

/** Reads those properties of a resource that the schema names, with every intrinsic replaced. */
export type ReadProperties = <Shape extends z.ZodRawShape>(
  resource: Resource,
  schema: z.ZodObject<Shape>,
) => z.output<z.ZodObject<Shape>>;

/**
 * A reader of properties as they are on this machine. A property that is not as the schema says, or that holds an
 * intrinsic without a local value, throws a sentence that names the resource: nothing is guessed.
 */
export function propertyReader(template: Template, values: LocalValues): ReadProperties {
  const resolve = intrinsics(template, values);
  return (resource, schema) => {
    try {
      const wanted = Object.keys(schema.shape).filter((name) => resource.properties[name] !== undefined);
      return schema.parse(Object.fromEntries(wanted.map((name) => [name, resolve(resource.properties[name])])));
    } catch (cause) {
      const reason =
        cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : cause;
      throw new Error(`The template's ${resource.id} (${resource.type}) cannot be read: ${reason}`, { cause });
    }
  };
}

// What AWS::NoValue stands for: the property or the entry is not there.
const noValue = Symbol('AWS::NoValue');

/** Replaces the intrinsics in a value of the template by what they are on this machine. */
export function intrinsics(template: Template, values: LocalValues): (value: unknown) => unknown {
  function resolve(value: unknown): unknown {
    if (typeof value === 'string') return withSecrets(value);
    if (Array.isArray(value)) return value.map(resolve).filter((entry) => entry !== noValue);
    if (!isRecord(value)) return value;
    const [[name, argument] = [], ...others] = Object.entries(value);
    if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::')))
      return call(name, argument);
    const entries = Object.entries(value).map(([key, entry]) => [key, resolve(entry)] as const);
    return Object.fromEntries(entries.filter(([, entry]) => entry !== noValue));
  }

  function call(name: string, argument: unknown): unknown {
    if (name === 'Ref') return ref(text(argument));
    if (name === 'Fn::GetAtt') return attribute(argument);
    if (name === 'Fn::Sub') return substitute(argument);
    const [first, second] = listOf(argument);
    if (name === 'Fn::Join') {
      const parts = resolve(second);
      // Only the joined text may hold a dynamic reference whole: CDK puts the secret's ARN in the middle of one.
      return withSecrets(listOf(parts).map(text).join(text(first)));
    }
    if (name === 'Fn::Select') return listOf(resolve(second))[Number(resolve(first))];
    if (name === 'Fn::Split') return text(resolve(second)).split(text(first));
    throw new Error(`${name} has no local value`);
  }

  function ref(id: string): unknown {
    const pseudo: Record<string, unknown> = {
      'AWS::Region': local.region,
      'AWS::AccountId': local.account,
      'AWS::Partition': local.partition,
      'AWS::URLSuffix': local.urlSuffix,
      'AWS::StackName': template.stackName,
      'AWS::StackId': arn('cloudformation', `stack/${template.stackName}/local`),
      'AWS::NoValue': noValue,
    };
    if (id in pseudo) return pseudo[id];
    if (template.parameters.has(id)) return template.parameters.get(id);
    const resource = find(id);
    const refs: Record<string, () => unknown> = {
      'AWS::DynamoDB::GlobalTable': () => values.tableName,
      'AWS::DynamoDB::Table': () => values.tableName,
      'AWS::KMS::Key': () => keyId(id),
      'AWS::KMS::Alias': () => resolve(resource.properties.AliasName),
      'AWS::Lambda::Function': () => functionName(resource),
      'AWS::Lambda::Version': () => `${functionArn(resolve(resource.properties.FunctionName))}:1`,
      'AWS::Lambda::Alias': () => {
        return `${functionArn(resolve(resource.properties.FunctionName))}:${resolve(resource.properties.Name)}`;
      },
      'AWS::SecretsManager::Secret': () => arn('secretsmanager', `secret:${id}`),
      'AWS::SNS::Topic': () => arn('sns', id),
      'AWS::SQS::Queue': () => `https://sqs.${local.region}.${local.urlSuffix}/${local.account}/${id}`,
    };
    // Of all other types it is a name, which nothing on this machine looks up.
    return refs[resource.type]?.() ?? id;
  }

  function attribute(argument: unknown): unknown {
    const [id, name] = typeof argument === 'string' ? argument.split(/\.(.*)/s) : listOf(argument).map(text);
    const resource = find(id ?? '');
    const table = `table/${values.tableName}`;
    const attributes: Record<string, () => unknown> = {
      'AWS::DynamoDB::GlobalTable.Arn': () => arn('dynamodb', table),
      'AWS::DynamoDB::GlobalTable.StreamArn': () => arn('dynamodb', `${table}/stream/local`),
      'AWS::DynamoDB::Table.Arn': () => arn('dynamodb', table),
      'AWS::DynamoDB::Table.StreamArn': () => arn('dynamodb', `${table}/stream/local`),
      'AWS::KMS::Key.Arn': () => arn('kms', `key/${keyId(resource.id)}`),
      'AWS::KMS::Key.KeyId': () => keyId(resource.id),
      'AWS::Lambda::Function.Arn': () => functionArn(functionName(resource)),
      'AWS::IAM::Role.Arn': () => `arn:${local.partition}:iam::${local.account}:role/${resource.id}`,
      'AWS::SQS::Queue.Arn': () => arn('sqs', resource.id),
      'AWS::S3::Bucket.Arn': () => `arn:${local.partition}:s3:::${resource.id.toLowerCase()}`,
      'AWS::S3::Bucket.RegionalDomainName': () => `${resource.id.toLowerCase()}.s3.${local.region}.${local.urlSuffix}`,
      'AWS::Logs::LogGroup.Arn': () => arn('logs', `log-group:${resource.id}:*`),
      'AWS::ApiGatewayV2::Api.ApiEndpoint': () => values.apiUrl,
      'AWS::ApiGatewayV2::Api.ApiId': () => resource.id,
      'AWS::CloudFront::Distribution.DomainName': () => new URL(values.consoleUrl).host,
      'AWS::CloudFront::Function.FunctionARN': () =>
        `arn:${local.partition}:cloudfront::${local.account}:function/${resource.id}`,
      'AWS::CloudFront::OriginAccessControl.Id': () => resource.id,
    };
    const value = attributes[`${resource.type}.${name}`];
    if (value !== undefined) return value();
    // Nothing here looks at it, but it may stand beside what is looked at.
    if (name === 'Arn') return arn('local', resource.id);
    throw new Error(`attribute ${name} of ${resource.id} (${resource.type}) has no local value`);
  }

  function substitute(argument: unknown): string {
    const [pattern, variables] = listOf(argument);
    const own = isRecord(variables) ? variables : {};
    const replaced = text(pattern).replaceAll(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
      if (literal) return whole.replace('!', '');
      if (name in own) return text(resolve(own[name]));
      return text(name.includes('.') && !name.startsWith('AWS::') ? attribute(name) : ref(name));
    });
    return withSecrets(replaced);
  }

  function find(id: string): Resource {
    const resource = template.resources.get(id);
    if (resource === undefined) throw new Error(`it refers to ${id}, which the template does not have`);
    return resource;
  }

  function keyId(id: string): string {
    const found = values.keyIds.get(id);
    if (found === undefined) throw new Error(`the key ${id} was not made`);
    return found;
  }

  function withSecrets(value: string): string {
    return value.replaceAll(/\{\{resolve:[^}]+\}\}/g, (reference) => values.secretOf(reference));
  }

  function functionName(resource: Resource): string {
    const given = resource.properties.FunctionName;
    return given === undefined ? resource.id : text(resolve(given));
  }

  return resolve;
}

function functionArn(name: unknown): string {
  const given = text(name);
  return given.startsWith('arn:') ? given : arn('lambda', `function:${given}`);
}

function arn(service: string, resource: string): string {
  return `arn:${local.partition}:${service}:${local.region}:${local.account}:${resource}`;
}

function text(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${JSON.stringify(value)} stands where text was expected`);
}
