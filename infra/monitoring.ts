import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Row,
  SingleValueWidget,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { indexes } from '../shared/data/table-map.ts';
import { metricNames, metricNamespace } from '../shared/log.ts';
import type { Api } from './api.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { EventCounting } from './event-counting.ts';
import type { Settings } from './settings.ts';

export interface MonitoringProps {
  readonly settings: Settings;
  readonly api: Api;
  readonly counting: EventCounting;
  readonly rotation: EndpointFunction;
  readonly table: TableV2;
}

/** One alarm: its name is a heading of the runbook. */
interface Watch {
  readonly name: string;
  /** What it means, and what to look at first. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** It rings from this value on … */
  readonly from: number;
  /** … in so many periods of five minutes one after the other. */
  readonly periods: number;
}

const period = Duration.minutes(5);

/** Alarms on what a person must look at, a topic that tells them by e-mail, and the dashboard that shows the rest. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { settings } = props;
    const topic = settings.alarm_email === undefined ? undefined : this.makeTopic(settings.alarm_email);
    const alarms = watchesOf(props).map((watch) => {
      const alarm = new Alarm(this, watch.name, {
        alarmName: `otp-service-${settings.stage}-${watch.name}`,
        alarmDescription: watch.meaning,
        metric: watch.metric,
        threshold: watch.from,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: watch.periods,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (topic) alarm.addAlarmAction(new SnsAction(topic));
      return { watch, alarm };
    });
    this.makeDashboard(props, alarms);
  }

  private makeTopic(email: string): Topic {
    // Not encrypted by SNS's own key, under which CloudWatch cannot publish: an alarm says its name and a number.
    const topic = new Topic(this, 'Topic', { displayName: 'otp-service alarms', enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  private makeDashboard({ settings, api, counting, table }: MonitoringProps, alarms: { watch: Watch; alarm: Alarm }[]) {
    const requests = api.stage.metricCount({ period, statistic: 'Sum' });
    const latency = ['p50', 'p95', 'p99'].map((statistic) =>
      api.stage.metricLatency({ period, statistic, label: statistic }),
    );
    const durations = ['otp/validate-code', 'otp/generate-code', 'token/create-token'].flatMap((operation) => {
      const endpoint = api.functions.get(operation);
      return endpoint ? [endpoint.lambda.metricDuration({ period, statistic: 'p99', label: operation })] : [];
    });
    new Dashboard(this, 'Dashboard', {
      dashboardName: `otp-service-${settings.stage}`,
      defaultInterval: Duration.hours(12),
    }).addWidgets(
      new Row(new TextWidget({ markdown: `# otp-service ${settings.stage}`, width: 24, height: 1 })),
      new Row(
        new SingleValueWidget({
          title: 'Requests',
          metrics: [requests, api.stage.metricServerError({ period }), api.stage.metricClientError({ period })],
          width: 24,
          height: 3,
        }),
      ),
      new Row(
        graph('Latency (ms)', latency),
        graph('Time in functions, p99 (ms)', durations),
        graph('Table capacity', [
          table.metricConsumedReadCapacityUnits({ period }),
          table.metricConsumedWriteCapacityUnits({ period }),
        ]),
      ),
      new Row(
        graph('Stream: age (ms)', [counting.consumer.lambda.metric('IteratorAge', { period, statistic: 'Maximum' })]),
        graph('Function errors', [counting.consumer.lambda.metricErrors({ period })]),
      ),
      ...inThrees(alarms.map(({ watch, alarm }) => alarmGraph(watch, alarm))),
    );
  }
}

function watchesOf({ settings, api, counting, rotation, table }: MonitoringProps): Watch[] {
  const own = (name: keyof typeof metricNames) =>
    new Metric({
      namespace: metricNamespace,
      metricName: metricNames[name],
      dimensionsMap: { service: `otp-service-${settings.stage}` },
      statistic: 'Sum',
      period,
    });
  return [
    {
      name: 'api-5xx',
      meaning: 'Callers get 5xx answers. See the functions’ logs for internal_error and try_again.',
      metric: api.stage.metricServerError({ period, statistic: 'Sum' }),
      from: 5,
      periods: 1,
    },
    {
      name: 'api-p99',
      meaning:
        'One request in a hundred takes two seconds or more. See table-throttles, kms-unavailable and cold starts.',
      metric: api.stage.metricLatency({ period, statistic: 'p99' }),
      from: 2000,
      periods: 3,
    },
    {
      name: 'function-throttles',
      meaning: 'Lambda turned calls of codes or log-ins away: a flood, or the account’s concurrency is used up.',
      metric: throttlesOf(api),
      from: 1,
      periods: 2,
    },
    {
      name: 'table-throttles',
      meaning: 'DynamoDB throttled reads or writes: one hot partition, or growth faster than on-demand follows.',
      metric: tableThrottles(table),
      from: 1,
      periods: 2,
    },
    {
      name: 'kms-unavailable',
      meaning: 'KMS did not unwrap a data key or sign a token. Held keys serve for 15 min; then answers are 503.',
      metric: own('kmsUnavailable'),
      from: 1,
      periods: 1,
    },
    {
      name: 'lockouts',
      meaning: 'Many names were locked after wrong passwords or codes: somebody is guessing.',
      metric: own('lockouts'),
      from: 20,
      periods: 1,
    },
    {
      name: 'refresh-reuse',
      meaning: 'A used refresh token was presented again, its session ended: a token was stolen, or a client is wrong.',
      metric: own('refreshReuse'),
      from: 1,
      periods: 1,
    },
    {
      name: 'unseal-failures',
      meaning: 'A sealed secret did not open: it was changed or moved in the table, or a key version is missing.',
      metric: own('unsealFailures'),
      from: 1,
      periods: 1,
    },
    {
      name: 'stream-age',
      meaning: 'Events are counted late: system metrics and the timeline are behind. See the consumer’s errors.',
      metric: counting.consumer.lambda.metric('IteratorAge', { period, statistic: 'Maximum' }),
      from: 60_000,
      periods: 1,
    },
    {
      name: 'failure-queue',
      meaning: 'A record could not be counted and was put aside. Its place in the stream is in the queue’s message.',
      metric: counting.failures.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      from: 1,
      periods: 1,
    },
    {
      name: 'rotation-failed',
      meaning:
        'The function keys/rotate failed: no new version of the key rings was made. Old versions serve on; run it again.',
      metric: rotation.lambda.metricErrors({ period, statistic: 'Sum' }),
      from: 1,
      periods: 1,
    },
  ];
}

// An expression takes ten metrics: the functions that must not be turned away.
const watchedForThrottles = [
  'otp/validate-code',
  'otp/generate-code',
  'otp/bulk-generate-codes',
  'token/create-token',
  'auth/authenticate',
];

function throttlesOf(api: Api): IMetric {
  const metrics = watchedForThrottles.flatMap((operation) => {
    const endpoint = api.functions.get(operation);
    return endpoint ? [endpoint.lambda.metricThrottles({ period, statistic: 'Sum' })] : [];
  });
  return sumOf('throttles', metrics);
}

function tableThrottles(table: TableV2): IMetric {
  const places = [{}, ...Object.keys(indexes).map((index) => ({ GlobalSecondaryIndexName: index }))];
  return sumOf(
    'throttled reads and writes',
    places.flatMap((place) =>
      ['ReadThrottleEvents', 'WriteThrottleEvents'].map(
        (metricName) =>
          new Metric({
            namespace: 'AWS/DynamoDB',
            metricName,
            dimensionsMap: { TableName: table.tableName, ...place },
            statistic: 'Sum',
            period,
          }),
      ),
    ),
  );
}

function sumOf(label: string, metrics: readonly IMetric[]): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, at) => [`m${at}`, metric]));
  const terms = Object.keys(named).map((name) => `FILL(${name}, 0)`);
  return new MathExpression({ expression: terms.join(' + '), usingMetrics: named, label, period });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}

function alarmGraph(watch: Watch, alarm: Alarm): GraphWidget {
  return new GraphWidget({
    title: watch.name,
    left: [watch.metric],
    leftAnnotations: [alarm.toAnnotation()],
    width: 8,
    height: 5,
  });
}

function inThrees(widgets: readonly GraphWidget[]): Row[] {
  return Array.from(
    { length: Math.ceil(widgets.length / 3) },
    (_, at) => new Row(...widgets.slice(at * 3, at * 3 + 3)),
  );
}
