import { describe, expect, it } from 'vitest';
import { decide } from './iam.ts';
import { readStack } from './local-stack.ts';
import { propertyReader, readTemplate } from './template.ts';
import { sampleOperations, sampleTemplate } from './testing/sample-stack.ts';

function readSample(change: (resources: ReturnType<typeof sampleTemplate>['Resources']) => void = () => undefined) {
  const json = sampleTemplate();
  change(json.Resources);
  const template = readTemplate(json, 'sample');
  const read = propertyReader(template, {
    tableName: 'otp-sample',
    keyIds: new Map([
      ['DataKey', 'data'],
      ['SigningKey', 'signing'],
    ]),
    apiUrl: 'http://127.0.0.1:8000',
    consoleUrl: 'http://127.0.0.1:3000',
    secretOf: () => 'secret',
  });
  return readStack(template, read, 'otp-sample');
}

describe('readStack', () => {
  const stack = readSample();
  const functionOf = (operation: string) => stack.functions.find((fn) => fn.operation === operation);

  it('finds every function with an operation, and no other', () => {
    expect(stack.functions.map(({ operation }) => operation)).toEqual(sampleOperations);
  });

  it('reads what a function runs with', () => {
    expect(functionOf('items/touch-item')).toMatchObject({
      name: 'sample-items-touch-item',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:sample-items-touch-item',
      role: 'itemsTouchItemRole',
      environment: { TABLE_NAME: 'otp-sample', DATA_KEY_ID: 'data' },
      timeoutSeconds: 5,
      memoryMb: 256,
    });
  });

  it('reads the grants of a role, without those on what does not run here', () => {
    const statements = functionOf('items/touch-item')?.statements ?? [];
    const resource = 'arn:aws:dynamodb:us-east-1:000000000000:table/otp-sample';
    const access = { action: 'dynamodb:UpdateItem', resource, context: { 'dynamodb:LeadingKeys': ['ITEM#1'] } };
    expect(statements).toHaveLength(2);
    expect(decide(statements, access).verdict).toBe('allow');
  });

  it('reads policies that stand beside the role', () => {
    const { functions } = readSample((resources) => {
      resources.Extra = {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'echoShowEventRole' }],
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'dynamodb:Scan', Resource: '*' }] },
        },
      };
    });
    const statements = functions.find(({ operation }) => operation === 'echo/show-event')?.statements ?? [];
    expect(decide(statements, { action: 'dynamodb:Scan', resource: 'x', context: {} }).verdict).toBe('allow');
  });

  it('refuses a grant that it cannot judge', () => {
    const change = (resources: ReturnType<typeof sampleTemplate>['Resources']) => {
      resources.Extra = {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'echoShowEventRole' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 'dynamodb:*',
                Resource: '*',
                Condition: { StringEquals: { 'aws:Thing': 'x' } },
              },
            ],
          },
        },
      };
    };
    expect(() => readSample(change)).toThrow(
      'The policy of echoShowEventRole cannot be judged here: the condition key aws:Thing',
    );
  });

  it('reads routes, their functions and throttles', () => {
    expect(stack.api.routes).toContainEqual({ key: 'POST /items/{id}', operation: 'items/touch-item' });
    expect(stack.api.routes).toContainEqual({ key: '$default', operation: 'service/not-found' });
    expect(stack.api.throttle).toEqual({ rate: 2000, burst: 4000 });
    expect(stack.api.routeThrottles.get('GET /trouble')).toEqual({ rate: 100, burst: 500 });
  });

  it('reads the table with the names of its keys', () => {
    expect(stack.table.keys).toEqual({
      name: 'otp-sample',
      partitionKey: 'pk',
      indexes: new Map([['audit', ['audit_pk']]]),
    });
    expect(stack.table.shape.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
  });

  it('reads who consumes the stream and how', () => {
    expect(stack.streamSources).toEqual([
      {
        operation: 'stream/count-items',
        batchSize: 10,
        bisects: true,
        reportsItemFailures: true,
        maxRetries: 2,
        failureQueue: 'arn:aws:sqs:us-east-1:000000000000:Failures',
        patterns: [{ dynamodb: { Keys: { pk: { S: [{ prefix: 'ITEM#' }] } } } }],
        startsAt: 'TRIM_HORIZON',
        windowSeconds: 0,
      },
    ]);
  });

  it('finds the function behind a trigger’s version', () => {
    expect(stack.triggers).toEqual(['keys/rotate']);
  });

  it('refuses a route to a function that has no operation', () => {
    const change = (resources: ReturnType<typeof sampleTemplate>['Resources']) => {
      if (resources.echoShowEvent) delete resources.echoShowEvent.Metadata;
    };
    expect(() => readSample(change)).toThrow('its Metadata.operation is missing');
  });
});
