import { describe, expect, it } from 'vitest';
import { absent, absentOrBelow, all, check, exists, put, remove, unchanged, update } from './expression.ts';
import { keyOf } from './table-map.ts';

const key = keyOf('METER', 'someone', 'METER');

describe('update', () => {
  it('joins its clauses and its condition, each name and value placed once', () => {
    const write = update(
      key,
      { set: { at: 5, ignored: undefined }, add: { used: 1 }, remove: ['old'] },
      all(exists, unchanged('at', 4), absentOrBelow('used', 20)),
    );
    expect(write.inTable('otp')).toEqual({
      Update: {
        TableName: 'otp',
        Key: key,
        UpdateExpression: 'SET #at = :at_new ADD #used :used_new REMOVE #old',
        ConditionExpression:
          'attribute_exists(pk) AND #at = :at_seen AND (attribute_not_exists(#used) OR #used < :used_seen)',
        ExpressionAttributeNames: { '#at': 'at', '#used': 'used', '#old': 'old' },
        ExpressionAttributeValues: { ':at_new': 5, ':used_new': 1, ':at_seen': 4, ':used_seen': 20 },
      },
    });
  });

  it('asks that what was not there is still not there', () => {
    const { Update } = update(key, { set: { at: 5 } }, unchanged('at', undefined)).inTable('otp');
    expect(Update?.ConditionExpression).toBe('attribute_not_exists(#at)');
    expect(Update?.ExpressionAttributeValues).toEqual({ ':at_new': 5 });
  });

  it('leaves out values where a clause has none', () => {
    const { Update } = update(key, { remove: ['old'] }, exists).inTable('otp');
    expect(Update).not.toHaveProperty('ExpressionAttributeValues');
  });

  it('is decided again when its condition does not hold, unless it says what that means', () => {
    expect(update(key, { remove: ['old'] }, exists).otherwise).toBe('decide_again');
    expect(update(key, { remove: ['old'] }, exists, 'config_not_found').otherwise).toBe('config_not_found');
  });
});

describe('put, remove and check', () => {
  it('carry key, item and condition', () => {
    expect(put(key, { used: 1 }, absent).inTable('otp').Put).toEqual({
      TableName: 'otp',
      Item: { ...key, used: 1 },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    expect(remove(key).inTable('otp').Delete).toEqual({ TableName: 'otp', Key: key });
    expect(check(key, exists).inTable('otp').ConditionCheck).toEqual({
      TableName: 'otp',
      Key: key,
      ConditionExpression: 'attribute_exists(pk)',
    });
  });
});

describe('keyOf', () => {
  it.each(['', 'some#one', '#'])(
    'refuses the owner %j, so that no text reaches into another partition (SECURITY 25)',
    (owner) => {
      expect(() => keyOf('USER', owner, 'PROFILE')).toThrow('not an owner');
    },
  );
});
