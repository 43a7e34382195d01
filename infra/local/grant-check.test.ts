import { describe, expect, test } from 'vitest';
import { type GrantReport, isWholeSuite, judgeGrants } from './grant-check.ts';

const grant = (operation: string, partition: string) => ({
  function: operation,
  action: 'dynamodb:UpdateItem',
  partition,
});
const report = (rest: Partial<GrantReport> = {}): GrantReport => ({ judged: 1, unjudged: 0, unused: [], ...rest });

describe('grants after the suite (SECURITY 34)', () => {
  test('are right when each was used in one of the products', () => {
    const [a, b] = [grant('otp/a', 'CONFIG#*'), grant('otp/b', 'METER#*')];
    expect(judgeGrants([report({ unused: [a] }), report({ unused: [b] })])).toEqual([]);
  });

  test('are wrong when none of the products used one: the sentence names function, action and partition', () => {
    const [a, b] = [grant('otp/a', 'CONFIG#*'), grant('otp/b', 'METER#*')];
    expect(judgeGrants([report({ unused: [b, a] }), report({ unused: [a] })])).toEqual([
      'otp/a is granted dynamodb:UpdateItem on CONFIG#*, and nothing in the suite uses it.',
    ]);
    expect(judgeGrants([report({ unused: [b, a] })])).toHaveLength(2);
  });

  test('are wrong when a function called past IAM, or when nothing was decided', () => {
    expect(judgeGrants([report({ unjudged: 2 }), report({ unjudged: 1 })])).toEqual([
      '3 calls of functions went past IAM, under the operator’s key.',
    ]);
    expect(judgeGrants([report(), report({ judged: 0 })])).toEqual([
      'A product decided about no call: IAM was not on.',
    ]);
  });

  test.each([
    ['every file passed', { passed: ['a', 'b'] }, true],
    ['a file was not asked for', { passed: ['a'] }, false],
    ['only some tests were asked for', { passed: ['a', 'b'], namePattern: /some/ }, false],
    ['there are no files', { files: [], passed: [] }, false],
  ])('are judged by a whole suite alone: %s', (_, run, expected) => {
    expect(isWholeSuite({ files: ['a', 'b'], namePattern: undefined, ...run })).toBe(expected);
  });
});
