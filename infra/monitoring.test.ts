import { afterEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { makeTemplate } from './testing/stack-under-test.ts';
import { propertiesOf } from './testing/template-facts.ts';

const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
  TreatMissingData: z.literal('notBreaching'),
  Threshold: z.number(),
  ComparisonOperator: z.literal('GreaterThanOrEqualToThreshold'),
  EvaluationPeriods: z.number(),
  AlarmActions: z.array(z.unknown()).default([]),
});

function alarmsOf(context: Record<string, unknown> = {}) {
  const found = z
    .record(z.string(), z.object({ Properties: alarmSchema }))
    .parse(makeTemplate(context).findResources('AWS::CloudWatch::Alarm'));
  return Object.values(found).map(({ Properties }) => Properties);
}

const embeddedMetric = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.tuple([z.object({ Name: z.string() })]),
      }),
    ]),
  }),
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('alarms', () => {
  test.each(['kmsUnavailable', 'lockouts', 'refreshReuse', 'unsealFailures'] as const)(
    'hear the metric %s exactly as a function of their stage sends it',
    async (name) => {
      vi.stubEnv('STAGE', 'test');
      vi.resetModules();
      const written: string[] = [];
      vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
      const { countMetric } = await import('../shared/log.ts');
      countMetric(name);
      vi.mocked(process.stdout.write).mockRestore();
      const [only, ...others] = written;
      expect(others).toEqual([]);
      const line = embeddedMetric.parse(JSON.parse(only ?? '{}'));
      const [directive] = line._aws.CloudWatchMetrics;
      const sent = {
        Namespace: directive.Namespace,
        MetricName: directive.Metrics[0].Name,
        Dimensions: directive.Dimensions.flat().map((dimension) => ({ Name: dimension, Value: line[dimension] })),
      };
      expect(alarmsOf({ stage: 'test' })).toContainEqual(expect.objectContaining(sent));
      expect(sent.Dimensions.map(({ Value }) => Value)).toContainEqual(expect.stringContaining('test'));
    },
  );

  test('say what they mean and what to look at', () => {
    for (const { AlarmDescription } of alarmsOf()) expect(AlarmDescription).toMatch(/^[A-Z].{40,}\.$/);
  });

  test('are each a graph of the dashboard', () => {
    const [dashboard] = Object.values(propertiesOf(makeTemplate(), 'AWS::CloudWatch::Dashboard'));
    const names = alarmsOf().map(({ AlarmName }) => AlarmName.replace('otp-service-dev-', ''));
    expect(names.length).toBeGreaterThan(0);
    const body = JSON.stringify(dashboard);
    expect(names.filter((name) => !body.includes(`\\"title\\":\\"${name}\\"`))).toEqual([]);
  });

  test('tell somebody when the stage names somebody', () => {
    expect(alarmsOf().flatMap(({ AlarmActions }) => AlarmActions)).toEqual([]);
    for (const { AlarmActions } of alarmsOf({ alarm_email: 'ops@example.com' })) expect(AlarmActions).toHaveLength(1);
  });
});
