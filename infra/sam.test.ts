import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { isAbsolute, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { contracts } from '../shared/api/index.ts';
import { listen } from './local/listen.ts';
import { needs } from './needs.ts';
import { prepareSam, type SamFiles } from './sam.ts';
import { makeStack } from './testing/stack-under-test.ts';

const reference = z.object({ Ref: z.string() });
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Metadata: z.looseObject({
    operation: z.string(),
    'aws:asset:path': z.string(),
    'aws:asset:property': z.literal('Code'),
  }),
  Properties: z.looseObject({
    Handler: z.literal('index.handler'),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Metadata: z.unknown().optional() })),
});

type Resources = z.output<typeof templateSchema>['Resources'];

function readResources(file: string): Resources {
  return templateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources;
}

/** Our own functions, as sam finds them: with the folder of the code in the metadata. */
function functionsIn(resources: Resources) {
  return Object.entries(resources).flatMap(([id, resource]) => {
    const read = functionSchema.safeParse(resource);
    return read.success ? [{ id, ...read.data }] : [];
  });
}

describe('the template that `cdk synth` writes', () => {
  const { app, stack } = makeStack();
  const { directory } = app.synth();
  const resources = readResources(join(directory, stack.templateFile));
  const functions = functionsIn(resources);

  test('tells sam and LocalStack where the code of every function is, beside itself', () => {
    expect(functions.map(({ Metadata }) => Metadata.operation).sort()).toEqual(Object.keys(needs).sort());
    for (const { Metadata } of functions) {
      expect(isAbsolute(Metadata['aws:asset:path'])).toBe(false);
      expect(existsSync(join(directory, Metadata['aws:asset:path'], 'index.mjs'))).toBe(true);
    }
  });

  test('leads from each route by one integration to one function, by references that sam follows', () => {
    const routes = Object.values(resources).filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route');
    const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), reference])]) });
    const routeSchema = z.object({ Properties: z.object({ RouteKey: z.string(), Target: joined }) });
    const integrationSchema = z.object({
      Properties: z.object({
        IntegrationType: z.literal('AWS_PROXY'),
        PayloadFormatVersion: z.literal('2.0'),
        IntegrationUri: attribute,
      }),
    });
    const led = routes.map((route) => {
      const { RouteKey, Target } = routeSchema.parse(route).Properties;
      const integration = integrationSchema.parse(resources[Target['Fn::Join'][1][1].Ref]).Properties;
      const [target] = integration.IntegrationUri['Fn::GetAtt'];
      return [RouteKey, functions.find(({ id }) => id === target)?.Metadata.operation];
    });
    expect(Object.fromEntries(led)).toEqual({
      ...Object.fromEntries(contracts.map(({ method, path, operation }) => [`${method} ${path}`, operation])),
      $default: 'service/not-found',
    });
  });

  test('has on the way of a request nothing but what both know', () => {
    const kinds = new Set(Object.values(resources).map(({ Type }) => Type));
    const onTheWay = [...kinds].filter((kind) => /^AWS::(ApiGateway|Lambda|DynamoDB|KMS)/.test(kind)).sort();
    expect(onTheWay).toEqual([
      'AWS::ApiGatewayV2::Api',
      'AWS::ApiGatewayV2::Integration',
      'AWS::ApiGatewayV2::Route',
      'AWS::ApiGatewayV2::Stage',
      'AWS::DynamoDB::GlobalTable',
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::LayerVersion',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Version',
    ]);
  });

  test('names no endpoint of AWS’s services: a deployed function uses AWS’s own', () => {
    const names = functions.flatMap(({ Properties }) => Object.keys(Properties.Environment.Variables));
    expect(names.length).toBeGreaterThan(functions.length);
    expect(names.filter((name) => name.startsWith('AWS_'))).toEqual([]);
  });
});

describe('npm run sam', () => {
  let sam: SamFiles;
  let functions: ReturnType<typeof functionsIn>;
  const info = {
    aws: 'http://127.0.0.1:45678',
    region: 'us-east-1',
    table_name: 'a-table',
    data_key_id: 'a-key',
    signing_key_id: 'another-key',
    operator_access_key_id: 'AN-OPERATOR',
  };

  beforeAll(async () => {
    const control = await listen(
      createServer((_, response) => void response.end(JSON.stringify(info))),
      0,
    );
    sam = await prepareSam(control.url);
    await control.stop();
    functions = functionsIn(readResources(sam.template));
  }, 120_000);

  test('writes what the containers must know, and only names that the template has: sam replaces no other', () => {
    const { Parameters } = z
      .object({ Parameters: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(sam.envVars, 'utf8')));
    expect(Parameters).toEqual({
      TABLE_NAME: 'a-table',
      DATA_KEY_ID: 'a-key',
      SIGNING_KEY_ID: 'another-key',
      EDGE_KEY: expect.stringMatching(/^[0-9a-f]{48}$/),
    });
    const names = new Set(functions.flatMap(({ Properties }) => Object.keys(Properties.Environment.Variables)));
    expect(Object.keys(Parameters).filter((name) => !names.has(name))).toEqual([]);
  });

  test('leads every function to the product of this machine, as a container sees it', () => {
    expect(functions).toHaveLength(Object.keys(needs).length);
    for (const { Properties } of functions) {
      expect(Properties.Environment.Variables).toMatchObject({
        AWS_ENDPOINT_URL_DYNAMODB: 'http://host.docker.internal:45678',
        AWS_ENDPOINT_URL_KMS: 'http://host.docker.internal:45678',
      });
    }
    expect(sam).toMatchObject({ accessKeyId: 'AN-OPERATOR', port: '45678' });
  });

  test('needs a product that runs, and says so in a sentence', async () => {
    await expect(prepareSam('http://127.0.0.1:1')).rejects.toThrow(/No product answers at .*Start it with “npm start”/);
  });
});
