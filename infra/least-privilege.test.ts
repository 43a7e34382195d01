import { describe, expect, test } from 'vitest';
import { contracts } from '../shared/api/index.ts';
import { grantsFor, needs } from './needs.ts';
import { makeTemplate } from './testing/stack-under-test.ts';
import { type FunctionFacts, functionsOf, names, statementsOf } from './testing/template-facts.ts';

const template = makeTemplate();
const functions = functionsOf(template);

/** The leading keys under which a function may do one of the actions. */
function leadingKeys({ statements }: FunctionFacts, ...actions: string[]): string[] {
  return statements
    .filter(({ Action }) => Action.some((action) => actions.includes(action)))
    .flatMap(({ Condition }) => Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []);
}

const reads = ['BatchGetItem', 'GetItem', 'Query', 'ConditionCheckItem'].map((action) => `dynamodb:${action}`);
const writes = ['PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`);

describe('SECURITY 34: least privilege', () => {
  test('every operation has one function with a role that no other has', () => {
    expect(names(functions)).toEqual(Object.keys(needs).sort());
    expect(new Set(functions.map(({ roleId }) => roleId)).size).toBe(functions.length);
  });

  test('no role has a policy beside its own: none managed, none attached', () => {
    expect(functions.flatMap(({ role }) => role.ManagedPolicyArns)).toEqual([]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test('no action holds a wildcard and none is Scan', () => {
    const actions = statementsOf(template).flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(functions.length);
    expect(actions.filter((action) => /[*?]/.test(action) || /Scan|PartiQL/.test(action))).toEqual([]);
  });

  test('a wildcard as resource is for traces only', () => {
    const wide = statementsOf(template).filter(({ Resource }) => Resource.includes('*'));
    expect([...new Set(wide.flatMap(({ Action }) => Action))]).toEqual([
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
    ]);
  });

  test('every statement about items names leading keys and refuses a request without one', () => {
    const itemActions = [...reads, ...writes];
    const aboutItems = functions.flatMap(({ statements }) =>
      statements.filter(({ Action }) => Action.some((action) => itemActions.includes(action))),
    );
    expect(aboutItems.length).toBeGreaterThan(functions.length);
    for (const { Condition } of aboutItems) {
      expect(Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']).not.toHaveLength(0);
      expect(Condition['Null']).toEqual({ 'dynamodb:LeadingKeys': ['false'] });
    }
    const keys = aboutItems.flatMap(({ Condition }) => Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']);
    for (const key of keys) expect(key).toMatch(/^[A-Z]+#([a-z]+|\*)$/);
  });

  test('no action stands in two statements about the table, since a batch is judged as a whole', () => {
    for (const { statements } of functions) {
      const actions = statements
        .filter(({ Resource }) => /"Fn::GetAtt":\["Table\w+","Arn"\]/.test(JSON.stringify(Resource)))
        .filter(({ Resource }) => !JSON.stringify(Resource).includes('/index/'))
        .flatMap(({ Action }) => Action);
      expect(new Set(actions).size).toBe(actions.length);
    }
  });

  test('the policy is what needs.ts says, action by action', () => {
    const byOperation = new Map(contracts.map((contract) => [contract.operation, contract]));
    for (const [operation, row] of Object.entries(needs)) {
      const granted = grantsFor(byOperation.get(operation), row);
      const made = functions.find((one) => one.operation === operation);
      const onTable = made?.statements.filter(({ Resource }) => !JSON.stringify(Resource).includes('/index/')) ?? [];
      for (const action of ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] as const) {
        const keys = onTable.find(({ Action }) => Action.includes(`dynamodb:${action}`))?.Condition;
        expect(keys?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []).toEqual(
          granted.items.get(action) ?? [],
        );
      }
    }
  });

  test('decrypting is for those who open a ring, and for that ring alone', () => {
    for (const one of functions) {
      const rings = one.statements
        .filter(({ Action }) => Action.includes('kms:Decrypt'))
        .flatMap(({ Condition }) => Condition['StringEquals']?.['kms:EncryptionContext:purpose'] ?? ['any']);
      const contract = contracts.find(({ operation }) => operation === one.operation);
      const row = Object.entries(needs).find(([operation]) => operation === one.operation)?.[1] ?? {};
      expect(rings).toEqual(grantsFor(contract, row).opens);
      if (rings.includes('otp')) expect(one.operation).toMatch(/^otp\//);
      if (rings.includes('mfa')) expect(one.operation).toMatch(/^(users|token|auth|api-keys)\//);
    }
  });

  test('signing is for those who issue tokens, by ES256 only', () => {
    const signers = functions.filter(({ statements }) => statements.some(({ Action }) => Action.includes('kms:Sign')));
    expect(names(signers)).toEqual(['auth/authenticate', 'token/create-token', 'token/refresh-token']);
    for (const { statements } of signers) {
      expect(statements.find(({ Action }) => Action.includes('kms:Sign'))?.Condition).toEqual({
        StringEquals: { 'kms:SigningAlgorithm': ['ECDSA_SHA_256'], 'kms:MessageType': ['DIGEST'] },
      });
    }
  });

  test('data keys are made by keys/rotate alone, unseen, and only it writes key rings', () => {
    const actions = (one: FunctionFacts) => one.statements.flatMap(({ Action }) => Action);
    expect(
      names(functions.filter((one) => actions(one).some((action) => action.startsWith('kms:GenerateDataKey')))),
    ).toEqual(['keys/rotate']);
    expect(functions.flatMap(actions)).not.toContain('kms:GenerateDataKey');
    expect(functions.flatMap(actions)).not.toContain('kms:Encrypt');
    const writers = functions.filter((one) => leadingKeys(one, ...writes).some((key) => key.startsWith('KEYRING#')));
    expect(names(writers)).toEqual(['keys/rotate']);
  });

  test('events are put and queried, never changed or deleted', () => {
    const changed = functions.flatMap((one) => leadingKeys(one, 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'));
    expect(changed.filter((key) => key.startsWith('EVENT#'))).toEqual([]);
  });

  test('sealed secrets are read by those who open the ring of OTP secrets', () => {
    for (const one of functions.filter((one) => leadingKeys(one, ...reads).some((key) => key.startsWith('SECRET#')))) {
      expect(one.properties.Environment.Variables).toHaveProperty('DATA_KEY_ID');
      expect(one.statements.flatMap(({ Action }) => Action)).toContain('kms:Decrypt');
    }
  });

  test('password hashes are read by those who compare passwords', () => {
    const readers = functions.filter((one) => leadingKeys(one, ...reads).includes('CREDENTIAL#*'));
    for (const { properties } of readers) expect(properties.MemorySize).toBe(1769);
  });

  test('a function is told only the keys that it may use', () => {
    for (const { properties, statements } of functions) {
      const actions = statements.flatMap(({ Action }) => Action);
      const variables = Object.keys(properties.Environment.Variables);
      const usesDataKey = actions.some((action) => /^kms:(Decrypt|GenerateDataKey|DescribeKey)/.test(action));
      const usesSigningKey = actions.some((action) => /^kms:(Sign|GetPublicKey|DescribeKey)$/.test(action));
      expect(variables.includes('DATA_KEY_ID')).toBe(usesDataKey);
      expect(variables.includes('SIGNING_KEY_ID')).toBe(usesSigningKey);
    }
  });
});
