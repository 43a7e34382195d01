import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { intrinsics, type LocalValues, propertyReader, readTemplate } from './template.ts';

const values: LocalValues = {
  tableName: 'otp-local',
  keyIds: new Map([['DataKey', 'aaaa-bbbb']]),
  apiUrl: 'http://127.0.0.1:8000',
  consoleUrl: 'http://127.0.0.1:3000',
  secretOf: (reference) => `secret(${reference.length})`,
};

const template = readTemplate(
  {
    Parameters: { Given: { Type: 'String', Default: 'of the parameter' }, Missing: { Type: 'String' } },
    Resources: {
      Table: { Type: 'AWS::DynamoDB::GlobalTable' },
      DataKey: { Type: 'AWS::KMS::Key' },
      DataKeyAlias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/data' } },
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: { 'Fn::Join': ['-', ['otp', { Ref: 'AWS::Region' }]] } },
      },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
      Unnamed: { Type: 'AWS::Lambda::Function' },
      Role: { Type: 'AWS::IAM::Role' },
      Queue: { Type: 'AWS::SQS::Queue' },
      Api: { Type: 'AWS::ApiGatewayV2::Api' },
      Distribution: { Type: 'AWS::CloudFront::Distribution' },
      Thing: {
        Type: 'AWS::Some::Thing',
        Properties: { Count: 3, Name: { Ref: 'Table' }, Broken: { 'Fn::If': ['A', 1, 2] } },
      },
    },
  },
  'otp-service',
);
const resolve = intrinsics(template, values);

describe('intrinsics', () => {
  it.each<[name: string, value: unknown, result: unknown]>([
    ['a table’s name', { Ref: 'Table' }, 'otp-local'],
    ['a table’s ARN', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:000000000000:table/otp-local'],
    [
      'an attribute with a dot',
      { 'Fn::GetAtt': 'Table.Arn' },
      'arn:aws:dynamodb:us-east-1:000000000000:table/otp-local',
    ],
    ['a key’s id', { Ref: 'DataKey' }, 'aaaa-bbbb'],
    ['a key’s ARN', { 'Fn::GetAtt': ['DataKey', 'Arn'] }, 'arn:aws:kms:us-east-1:000000000000:key/aaaa-bbbb'],
    ['an alias', { Ref: 'DataKeyAlias' }, 'alias/data'],
    ['a function’s name', { Ref: 'Fn' }, 'otp-us-east-1'],
    ['a function without a name', { Ref: 'Unnamed' }, 'Unnamed'],
    ['a version of a function', { Ref: 'Version' }, 'arn:aws:lambda:us-east-1:000000000000:function:otp-us-east-1:1'],
    ['a role', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::000000000000:role/Role'],
    ['a queue', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:Queue'],
    [
      'the API’s host',
      { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }] }] },
      '127.0.0.1:8000',
    ],
    ['the site’s host', { 'Fn::GetAtt': ['Distribution', 'DomainName'] }, '127.0.0.1:3000'],
    ['a parameter', { Ref: 'Given' }, 'of the parameter'],
    [
      'a substitution',
      { 'Fn::Sub': `\${AWS::AccountId}/\${Table}/\${Table.Arn}/\${!kept}` },
      `000000000000/otp-local/arn:aws:dynamodb:us-east-1:000000000000:table/otp-local/\${kept}`,
    ],
    [
      'a substitution with names of its own',
      { 'Fn::Sub': [`\${One}-\${AWS::Region}`, { One: { Ref: 'Table' } }] },
      'otp-local-us-east-1',
    ],
    ['no value in a list', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['no value in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['an object that only looks like one', { Ref: 'Table', more: 1 }, { Ref: 'Table', more: 1 }],
  ])('%s', (_, value, result) => {
    expect(resolve(value)).toEqual(result);
  });

  it('puts a local secret where a dynamic reference stands, also one that is joined', () => {
    const reference = '{{resolve:secretsmanager:arn:SecretString:::}}';
    expect(resolve(reference)).toBe(`secret(${reference.length})`);
    expect(resolve({ 'Fn::Join': ['', ['{{resolve:secretsmanager:', 'arn', ':SecretString:::}}']] })).toBe(
      resolve(reference),
    );
  });

  it.each([
    ['an intrinsic that it does not know', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    ['a resource that is not there', { Ref: 'Gone' }, 'Gone'],
    ['a parameter without a default', { Ref: 'Missing' }, 'Missing'],
    ['an attribute without a local value', { 'Fn::GetAtt': ['Queue', 'Depth'] }, 'Depth'],
    ['a key that was not made', { 'Fn::GetAtt': ['Fn', 'Nothing'] }, 'Nothing'],
  ])('refuses %s', (_, value, named) => {
    expect(() => resolve(value)).toThrow(named);
  });
});

describe('propertyReader', () => {
  const read = propertyReader(template, values);
  const thing = template.resources.get('Thing');
  if (thing === undefined) throw new Error('no thing');

  it('reads only what is asked for', () => {
    expect(read(thing, z.object({ Count: z.number(), Name: z.string() }))).toEqual({ Count: 3, Name: 'otp-local' });
  });

  it('names the resource that cannot be read', () => {
    expect(() => read(thing, z.object({ Broken: z.string() }))).toThrow(
      'Thing (AWS::Some::Thing) cannot be read: Fn::If',
    );
    expect(() => read(thing, z.object({ Count: z.string() }))).toThrow('Thing (AWS::Some::Thing) cannot be read: ');
  });
});
