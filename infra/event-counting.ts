import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EndpointFunction, type Surroundings } from './endpoint-function.ts';
import { needs } from './needs.ts';

/** The consumer of the table's stream, which feeds system metrics and the timeline, and the queue for what it cannot read. */
export class EventCounting extends Construct {
  readonly consumer: EndpointFunction;
  readonly failures: Queue;

  constructor(scope: Construct, id: string, surroundings: Surroundings) {
    super(scope, id);
    this.failures = new Queue(this, 'Failures', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.failures).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself where failures go; an alarm watches it.',
    });

    this.consumer = new EndpointFunction(this, 'stream/count-events', {
      ...surroundings,
      operation: 'stream/count-events',
      needs: needs['stream/count-events'],
      statements: [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] })],
    });
    new EventSourceMapping(this, 'Mapping', {
      target: this.consumer.lambda,
      ...(surroundings.table.tableStreamArn && { eventSourceArn: surroundings.table.tableStreamArn }),
      // From the beginning: what happened before the consumer was there counts too.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      // Only with a window does Lambda name the shard that a batch is of, by which the consumer knows how far it has counted.
      tumblingWindow: Duration.minutes(15),
      // A poison record is found by halving the batch, tried again, and put aside: it never stops the shard.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 5,
      onFailure: new SqsDlq(this.failures),
      // Not its own writes: those would wake it for ever.
      filters: [
        ...countedPartitions.map((entity) => FilterCriteria.filter({ dynamodb: ofPartitions(entity) })),
        // A try to log in is counted as its event; of what guards the name only a lock that comes or goes.
        ...['NewImage', 'OldImage'].map((image) =>
          FilterCriteria.filter({
            dynamodb: { ...ofPartitions('LOGIN'), [image]: { locked_until: { N: FilterRule.exists() } } },
          }),
        ),
      ],
    });
  }
}

function ofPartitions(entity: string) {
  return { Keys: { pk: { S: FilterRule.beginsWith(`${entity}#`) } } };
}

/** What system metrics are made of: what happened, and how many users and configurations there are. */
export const countedPartitions = ['EVENT', 'USER', 'CONFIG'] as const;
