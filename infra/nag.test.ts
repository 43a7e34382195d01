import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeStack } from './testing/stack-under-test.ts';

/** Every finding of the rules in a stack, as they are found with or without the acknowledgements beside the resources. */
function findings(context: Record<string, unknown> = {}): string[] {
  const { app, stack } = makeStack(context);
  return new AwsSolutionsChecks(app)
    .validateScope(stack)
    .violations.map(({ ruleName }) => ruleName)
    .sort();
}

afterEach(() => {
  vi.restoreAllMocks();
});

const always = [
  'AwsSolutions-APIG4',
  'AwsSolutions-CFR1',
  'AwsSolutions-CFR3',
  'AwsSolutions-IAM5[Resource::*]',
  'AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/*]',
  'AwsSolutions-L1',
  'AwsSolutions-S1',
  'AwsSolutions-SMG4',
  'AwsSolutions-SQS3',
];

const everySetting = {
  domain: 'otp.example.com',
  certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b',
  alarm_email: 'ops@example.com',
  waf: true,
};

describe('cdk-nag, AwsSolutions', () => {
  test.each([
    ['without settings', {}],
    ['with every setting', everySetting],
  ])('finds nothing that is not acknowledged, %s', (_, context) => {
    expect(findings(context)).toEqual([]);
  });

  test('would find exactly what is acknowledged', () => {
    const acknowledged = new Set<string>();
    vi.spyOn(Validations.prototype, 'acknowledge').mockImplementation((...rules) => {
      for (const { id, reason } of rules) {
        expect(reason).toMatch(/^[A-Z].{30,}\.$/);
        acknowledged.add(id);
      }
    });

    const found = findings();
    expect(found).toEqual([...always, 'AwsSolutions-CFR2', 'AwsSolutions-CFR4'].sort());
    expect([...acknowledged].sort()).toEqual(found);

    acknowledged.clear();
    expect(findings(everySetting)).toEqual([...acknowledged].sort());
    expect([...acknowledged].sort()).toEqual(always);
  });
});
