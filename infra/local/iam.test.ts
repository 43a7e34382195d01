import { describe, expect, it } from 'vitest';
import { type Access, decide, readPolicy, readStatement, usedPatterns } from './iam.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/otp';

function access(action: string, leadingKeys: string[] = [], resource = table): Access {
  return { action, resource, context: { 'dynamodb:LeadingKeys': leadingKeys } };
}

function verdict(statements: object[], asked: Access): string {
  return decide(statements.map(readStatement), asked).verdict;
}

const own = {
  Effect: 'Allow',
  Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  Resource: table,
  Condition: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CONFIG#*', 'METER#*'] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  },
};

describe('decide', () => {
  it('denies what no statement speaks of', () => {
    expect(verdict([], access('dynamodb:GetItem', ['CONFIG#a']))).toBe('implicit_deny');
    expect(verdict([own], access('dynamodb:GetItem', ['CONFIG#a']))).toBe('implicit_deny');
  });

  it('allows a listed action on a listed partition', () => {
    expect(verdict([own], access('dynamodb:PutItem', ['CONFIG#a']))).toBe('allow');
    expect(verdict([own], access('dynamodb:UpdateItem', ['METER#a']))).toBe('allow');
  });

  it('refuses a partition that is not listed, alone or beside listed ones', () => {
    expect(verdict([own], access('dynamodb:PutItem', ['SECRET#a']))).toBe('implicit_deny');
    expect(verdict([own], access('dynamodb:PutItem', ['CONFIG#a', 'SECRET#a']))).toBe('implicit_deny');
    expect(verdict([own], access('dynamodb:PutItem', ['config#a']))).toBe('implicit_deny');
    expect(verdict([own], access('dynamodb:PutItem', ['XCONFIG#a']))).toBe('implicit_deny');
  });

  it('refuses a request without leading keys where the Null guard stands', () => {
    expect(verdict([own], access('dynamodb:PutItem'))).toBe('implicit_deny');
  });

  it('lets a request without leading keys through where the Null guard is missing, as AWS does', () => {
    const { Null: _guard, ...unguarded } = own.Condition;
    const statement = { ...own, Action: 'dynamodb:Scan', Condition: unguarded };
    expect(verdict([statement], access('dynamodb:Scan'))).toBe('allow');
  });

  it('lets a deny win over every allow, in either order', () => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const never = {
      Effect: 'Deny',
      Action: 'dynamodb:*',
      Resource: '*',
      Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['EVENT#*'] } },
    };
    const event = access('dynamodb:DeleteItem', ['EVENT#a']);
    expect(verdict([everything, never], event)).toBe('explicit_deny');
    expect(verdict([never, everything], event)).toBe('explicit_deny');
    expect(verdict([never, everything], access('dynamodb:DeleteItem', ['USER#a']))).toBe('allow');
  });

  it('matches wildcards in actions whatever the case, in resources as they stand', () => {
    const statement = { Effect: 'Allow', Action: 'DynamoDB:*Item', Resource: `${table}/index/*` };
    expect(verdict([statement], access('dynamodb:GetItem', [], `${table}/index/audit`))).toBe('allow');
    expect(verdict([statement], access('dynamodb:Query', [], `${table}/index/audit`))).toBe('implicit_deny');
    expect(verdict([statement], access('dynamodb:GetItem', [], table))).toBe('implicit_deny');
    expect(verdict([statement], access('dynamodb:GetItem', [], `${table.toUpperCase()}/index/audit`))).toBe(
      'implicit_deny',
    );
  });

  it('reads ? as exactly one character and a dot as a dot', () => {
    const statement = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: 'a.b?' };
    expect(verdict([statement], access('dynamodb:GetItem', [], 'a.bc'))).toBe('allow');
    expect(verdict([statement], access('dynamodb:GetItem', [], 'a.b'))).toBe('implicit_deny');
    expect(verdict([statement], access('dynamodb:GetItem', [], 'axbc'))).toBe('implicit_deny');
  });

  it('reads NotAction and NotResource as everything else', () => {
    const statement = { Effect: 'Allow', NotAction: 'dynamodb:Delete*', NotResource: `${table}/index/*` };
    expect(verdict([statement], access('dynamodb:GetItem'))).toBe('allow');
    expect(verdict([statement], access('dynamodb:DeleteItem'))).toBe('implicit_deny');
    expect(verdict([statement], access('dynamodb:GetItem', [], `${table}/index/audit`))).toBe('implicit_deny');
  });

  it('needs every condition of a statement, and one value of each', () => {
    const sign = {
      Effect: 'Allow',
      Action: 'kms:Sign',
      Resource: '*',
      Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': ['RAW', 'DIGEST'] } },
    };
    const asked = (algorithm: string, type?: string): Access => ({
      action: 'kms:Sign',
      resource: 'key',
      context: { 'kms:SigningAlgorithm': [algorithm], ...(type && { 'kms:MessageType': [type] }) },
    });
    expect(verdict([sign], asked('ECDSA_SHA_256', 'DIGEST'))).toBe('allow');
    expect(verdict([sign], asked('ECDSA_SHA_384', 'DIGEST'))).toBe('implicit_deny');
    expect(verdict([sign], asked('ECDSA_SHA_256'))).toBe('implicit_deny');
  });
});

describe('conditions', () => {
  const holds = (operator: string, values: string | string[], present: string[]) => {
    const statement = {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { [operator]: { 'dynamodb:LeadingKeys': values } },
    };
    return verdict([statement], access('dynamodb:GetItem', present)) === 'allow';
  };

  it.each<[operator: string, values: string | string[], present: string[], result: boolean]>([
    ['StringEquals', 'A', ['A'], true],
    ['StringEquals', 'A', ['a'], false],
    ['StringEquals', 'A*', ['A*'], true],
    ['StringEquals', 'A', [], false],
    ['StringEquals', 'A', ['A', 'A'], false],
    ['StringEqualsIgnoreCase', 'A', ['a'], true],
    ['StringNotEquals', ['A', 'B'], ['C'], true],
    ['StringNotEquals', ['A', 'B'], ['B'], false],
    ['StringNotEquals', 'A', [], true],
    ['StringNotEqualsIgnoreCase', 'A', ['a'], false],
    ['StringLike', 'A*', ['ABC'], true],
    ['StringLike', 'A*', ['A\nB'], true],
    ['StringNotLike', 'A*', ['B'], true],
    ['StringLikeIfExists', 'A*', [], true],
    ['StringLikeIfExists', 'A*', ['B'], false],
    ['ForAllValues:StringLike', 'A*', ['A1', 'A2'], true],
    ['ForAllValues:StringLike', 'A*', ['A1', 'B'], false],
    ['ForAllValues:StringLike', 'A*', [], true],
    ['ForAllValues:StringNotLike', 'A*', ['B', 'C'], true],
    ['ForAllValues:StringNotLike', 'A*', ['B', 'A'], false],
    ['ForAnyValue:StringLike', 'A*', ['B', 'A1'], true],
    ['ForAnyValue:StringLike', 'A*', [], false],
    ['ForAnyValue:StringNotLike', 'A*', [], false],
    ['Null', 'true', [], true],
    ['Null', 'true', ['A'], false],
    ['Null', 'false', ['A'], true],
    ['Null', 'false', [], false],
    ['Bool', 'true', ['TRUE'], true],
    ['ArnLike', 'arn:aws:iam::*:role/a*', ['arn:aws:iam::1:role/ab'], true],
    ['ArnLike', 'arn:aws:*:role/a*', ['arn:aws:iam::1:role/ab'], false],
    ['ArnNotEquals', 'arn:aws:iam::1:role/a', ['arn:aws:iam::1:role/b'], true],
  ])('%s %j of %j is %s', (operator, values, present, result) => {
    expect(holds(operator, values, present)).toBe(result);
  });
});

describe('readStatement', () => {
  const statement = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' };

  it.each([
    ['an operator', { NumericLessThan: { 'dynamodb:LeadingKeys': '1' } }, 'NumericLessThan'],
    ['a quantifier', { 'ForSomeValues:StringLike': { 'dynamodb:LeadingKeys': 'A' } }, 'ForSomeValues'],
    ['a condition key', { StringEquals: { 'dynamodb:Attributes': 'pk' } }, 'dynamodb:Attributes'],
    ['a policy variable', { StringEquals: { 'dynamodb:LeadingKeys': `\${aws:userid}` } }, 'aws:userid'],
  ])('refuses %s that it does not know', (_, Condition, named) => {
    expect(() => readStatement({ ...statement, Condition })).toThrow(named);
  });

  it('refuses a statement without action or resource, and one with both kinds', () => {
    expect(() => readStatement({ Effect: 'Allow', Resource: '*' })).toThrow('Action');
    expect(() => readStatement({ Effect: 'Allow', Action: '*' })).toThrow('Resource');
    expect(() => readStatement({ ...statement, NotAction: '*' })).toThrow('Action');
    expect(() => readStatement({ ...statement, Principal: '*' })).toThrow('Principal');
  });

  it('takes a policy of one statement without a list', () => {
    expect(readPolicy({ Version: '2012-10-17', Statement: statement })).toHaveLength(1);
  });
});

describe('usedPatterns', () => {
  it('names the parts of a grant that the values need', () => {
    const keys = 'dynamodb:LeadingKeys';
    expect(usedPatterns(readStatement(own), keys, ['METER#a'])).toEqual(['METER#*']);
    expect(usedPatterns(readStatement(own), keys, ['METER#a', 'CONFIG#b'])).toEqual(['CONFIG#*', 'METER#*']);
    expect(usedPatterns(readStatement(own), keys, [])).toEqual([]);
  });
});
