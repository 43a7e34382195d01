import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, root } from '../../build.ts';

/*
 * A small stack made by hand, in the words in which CDK synthesises: one table with an index and a stream, two keys, a few
 * functions with roles of their own, an HTTP API, a trigger, a consumer of the stream and a distribution.
 */

interface SampleFunction {
  readonly route?: string;
  readonly statements: readonly object[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly timeout?: number;
  /** Source of the bundle. */
  readonly code: string;
}

const table = { 'Fn::GetAtt': ['Table', 'Arn'] };
const stream = { 'Fn::GetAtt': ['Table', 'StreamArn'] };
const dataKey = { 'Fn::GetAtt': ['DataKey', 'Arn'] };

function onItems(actions: string[], keys: string[]): object {
  return {
    Effect: 'Allow',
    Action: actions.map((action) => `dynamodb:${action}`),
    Resource: table,
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  };
}

const functions: Record<string, SampleFunction> = {
  'echo/show-event': {
    route: 'POST /echo/{word}',
    statements: [],
    code: 'export const handler = async (event, context) => ({ statusCode: 200, headers: { "X-Name": context.functionName }, cookies: ["a=1; Path=/", "b=2"], body: JSON.stringify(event) });',
  },
  'items/touch-item': {
    route: 'POST /items/{id}',
    statements: [
      onItems(['UpdateItem', 'GetItem'], ['ITEM#*']),
      {
        Effect: 'Allow',
        Action: 'kms:GenerateDataKeyWithoutPlaintext',
        Resource: dataKey,
        Condition: { StringEquals: { 'kms:EncryptionContext:purpose': 'otp' } },
      },
    ],
    environment: { TABLE_NAME: { Ref: 'Table' }, DATA_KEY_ID: { Ref: 'DataKey' } },
    code: `
      import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
      import { GenerateDataKeyWithoutPlaintextCommand, KMSClient } from '@aws-sdk/client-kms';
      const table = new DynamoDBClient({});
      const kms = new KMSClient({});
      export async function handler(event) {
        const { entity = 'ITEM', purpose } = event.queryStringParameters ?? {};
        try {
          const { Attributes } = await table.send(new UpdateItemCommand({
            TableName: process.env.TABLE_NAME,
            Key: { pk: { S: entity + '#' + event.pathParameters.id }, sk: { S: 'ITEM' } },
            UpdateExpression: 'ADD touched :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
            ReturnValues: 'ALL_NEW',
          }));
          if (purpose) await kms.send(new GenerateDataKeyWithoutPlaintextCommand({
            KeyId: process.env.DATA_KEY_ID, KeySpec: 'AES_256', EncryptionContext: { purpose },
          }));
          return { touched: Number(Attributes.touched.N) };
        } catch (error) {
          return { statusCode: 500, body: error.name + ': ' + error.message };
        }
      }`,
  },
  'trouble/make-trouble': {
    route: 'GET /trouble',
    statements: [],
    timeout: 1,
    code: `
      let calls = 0;
      export async function handler(event) {
        calls += 1;
        const { how } = event.queryStringParameters ?? {};
        if (how === 'throw') throw new TypeError('thrown on purpose');
        if (how === 'exit') process.exit(3);
        if (how === 'reject') { Promise.reject(new Error('nobody waits for this')); await new Promise((resolve) => setTimeout(resolve, 500)); }
        if (how === 'hang') await new Promise(() => setInterval(() => {}, 1000));
        if (how === 'log') { console.log('one\\ntwo'); console.error('three'); }
        if (how === 'large') return { statusCode: 200, body: 'x'.repeat(7_000_000) };
        if (how === 'odd') return { statusCode: 'many' };
        if (how === 'text') return 'only text';
        if (how === 'env') return process.env;
        if (how === 'slow') await new Promise((resolve) => setTimeout(resolve, 200));
        return { calls };
      }`,
  },
  'keys/rotate': {
    statements: [onItems(['PutItem'], ['KEYRING#*'])],
    environment: { TABLE_NAME: { Ref: 'Table' } },
    code: `
      import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
      const table = new DynamoDBClient({});
      export const handler = () => table.send(new PutItemCommand({
        TableName: process.env.TABLE_NAME, Item: { pk: { S: 'KEYRING#otp' }, sk: { S: '1' } },
      }));`,
  },
  'stream/count-items': {
    statements: [
      onItems(['UpdateItem'], ['COUNT#*']),
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
        Resource: stream,
      },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Failures', 'Arn'] } },
    ],
    environment: { TABLE_NAME: { Ref: 'Table' } },
    code: `
      import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
      const table = new DynamoDBClient({});
      export async function handler({ Records }) {
        await table.send(new UpdateItemCommand({
          TableName: process.env.TABLE_NAME, Key: { pk: { S: 'COUNT#all' }, sk: { S: 'COUNT' } },
          UpdateExpression: 'ADD seen :n', ExpressionAttributeValues: { ':n': { N: String(Records.length) } },
        }));
        return { batchItemFailures: [] };
      }`,
  },
  'service/not-found': {
    route: '$default',
    statements: [],
    code: 'export const handler = async (event) => ({ statusCode: 404, body: event.rawPath });',
  },
};

/** The operations of the sample. */
export const sampleOperations = Object.keys(functions);

/** The template, as it is parsed from the synthesised file. */
export function sampleTemplate(): {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; Metadata?: object }>;
} {
  const resources: ReturnType<typeof sampleTemplate>['Resources'] = {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: ['pk', 'sk', 'audit_pk', 'audit_sk'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keySchema('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'audit', KeySchema: keySchema('audit_pk', 'audit_sk'), Projection: { ProjectionType: 'ALL' } },
        ],
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    },
    DataKey: { Type: 'AWS::KMS::Key', Properties: { EnableKeyRotation: true } },
    DataKeyAlias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/sample/data', TargetKeyId: { 'Fn::GetAtt': ['DataKey', 'Arn'] } },
    },
    SigningKey: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } },
    EdgeKey: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
    Failures: { Type: 'AWS::SQS::Queue', Properties: {} },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'sample', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: { Ref: 'Api' },
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingBurstLimit: 4000, ThrottlingRateLimit: 2000 },
        RouteSettings: { 'GET /trouble': { ThrottlingBurstLimit: 500, ThrottlingRateLimit: 100 } },
      },
    },
    FirstKeys: {
      Type: 'Custom::Trigger',
      Properties: { HandlerArn: { Ref: 'KeysRotateVersion' }, InvocationType: 'RequestResponse' },
    },
    KeysRotateVersion: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: idOf('keys/rotate') } } },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: stream,
        FunctionName: { Ref: idOf('stream/count-items') },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10,
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 2,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failures', 'Arn'] } } },
        FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"ITEM#"}]}}}}' }] },
      },
    },
    // As CDK brings them along: no operation, so nothing of ours.
    Provider: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['ProviderRole', 'Arn'] } } },
    ...siteResources(),
  };
  for (const [operation, fn] of Object.entries(functions)) Object.assign(resources, functionResources(operation, fn));
  return { Resources: resources };
}

/** The sample as a cloud assembly in a temporary folder, with real bundles and the files of a console. */
export async function writeSampleAssembly() {
  const temporary = await mkdtemp(join(tmpdir(), 'sample-'));
  const [folder, bundles, console] = ['assembly', 'functions', 'web'].map((name) => join(temporary, name));
  if (folder === undefined || bundles === undefined || console === undefined) throw new Error('no folder');
  await write(join(folder, 'sample.template.json'), JSON.stringify(sampleTemplate()));
  await write(join(console, 'index.html'), '<!doctype html><title>sample</title>');
  await write(join(console, 'assets/app-1a2b.js'), 'export {};');
  await Promise.all(
    Object.entries(functions).map(async ([operation, { code }]) => {
      const stdin = { contents: code, resolveDir: root };
      const { outputFiles } = await build({ ...bundleOptions, stdin, outdir: temporary, metafile: false });
      await write(join(bundles, operation, 'index.mjs'), outputFiles[0]?.text ?? '');
    }),
  );
  return { folder, bundles, console, remove: () => rm(temporary, { recursive: true, force: true }) };
}

/** Writes bundles by hand, for what needs no SDK. */
export async function writeBundles(codes: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'bundles-'));
  for (const [operation, code] of Object.entries(codes)) await write(join(folder, operation, 'index.mjs'), code);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The source of a function of the sample. */
export function sampleCode(operation: string): string {
  return functions[operation]?.code ?? '';
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function idOf(operation: string): string {
  return operation.replaceAll(/[^a-z]+(.)/g, (_, letter: string) => letter.toUpperCase());
}

function keySchema(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
}

function functionResources(operation: string, { route, statements, environment = {}, timeout = 5 }: SampleFunction) {
  const id = idOf(operation);
  const logs = {
    Effect: 'Allow',
    Action: 'logs:PutLogEvents',
    Resource: '*',
    Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
  };
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: { Policies: [{ PolicyName: 'grants', PolicyDocument: { Statement: [...statements, logs] } }] },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `sample-${operation.replaceAll('/', '-')}`,
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Environment: { Variables: environment },
        Timeout: timeout,
        MemorySize: 256,
      },
      Metadata: { operation },
    },
    ...(route !== undefined && {
      [`${id}Integration`]: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationUri: { 'Fn::GetAtt': [id, 'Arn'] },
          PayloadFormatVersion: '2.0',
          IntegrationType: 'AWS_PROXY',
        },
      },
      [`${id}Route`]: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: { RouteKey: route, Target: { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] } },
      },
    }),
  };
}

function siteResources() {
  const host = { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }] }] };
  const edgeKey = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'EdgeKey' }, ':SecretString:::}}']] };
  const viewerRequest = (id: string) => [
    { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [id, 'FunctionARN'] } },
  ];
  return {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    SiteFunction: {
      Type: 'AWS::CloudFront::Function',
      Properties: {
        FunctionCode:
          "function handler(event) { const r = event.request; if (!r.uri.includes('.')) r.uri = '/index.html'; return r; }",
      },
    },
    ApiFunction: {
      Type: 'AWS::CloudFront::Function',
      Properties: {
        FunctionCode:
          "function handler(event) { const r = event.request; r.uri = r.uri.slice(4) || '/'; r.headers['x-viewer'] = { value: event.viewer.ip }; return r; }",
      },
    },
    SiteHeaders: {
      Type: 'AWS::CloudFront::ResponseHeadersPolicy',
      Properties: {
        ResponseHeadersPolicyConfig: {
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
            ContentTypeOptions: { Override: true },
            FrameOptions: { FrameOption: 'DENY', Override: true },
            ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: false },
            StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Override: true },
          },
          CustomHeadersConfig: { Items: [{ Header: 'Permissions-Policy', Value: 'camera=(self)', Override: true }] },
        },
      },
    },
    Distribution: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          DefaultRootObject: 'index.html',
          CacheBehaviors: [
            {
              PathPattern: '/api/*',
              TargetOriginId: 'api',
              AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
              OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
              FunctionAssociations: viewerRequest('ApiFunction'),
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: 'files',
            AllowedMethods: ['GET', 'HEAD'],
            ResponseHeadersPolicyId: { Ref: 'SiteHeaders' },
            FunctionAssociations: viewerRequest('SiteFunction'),
          },
          Origins: [
            {
              Id: 'files',
              DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] },
              S3OriginConfig: { OriginAccessIdentity: '' },
            },
            {
              Id: 'api',
              DomainName: host,
              CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
              OriginCustomHeaders: [{ HeaderName: 'X-Edge-Word', HeaderValue: edgeKey }],
            },
          ],
        },
      },
    },
    HashedFiles: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: {
        Exclude: ['*'],
        Include: ['assets/*'],
        SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
      },
    },
    OtherFiles: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: { Exclude: ['assets/*'], SystemMetadata: { 'cache-control': 'no-cache' } },
    },
  };
}
