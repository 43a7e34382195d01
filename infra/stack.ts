import { CfnOutput, CfnResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ASSET_RESOURCE_METADATA_ENABLED_CONTEXT } from 'aws-cdk-lib/cx-api';
import { InvocationType, Trigger } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { contracts } from '../shared/api/index.ts';
import { attributes, indexes } from '../shared/data/table-map.ts';
import { keys } from '../shared/domain/policy.ts';
import { Api } from './api.ts';
import { EndpointFunction, type Surroundings } from './endpoint-function.ts';
import { EventCounting } from './event-counting.ts';
import { Monitoring } from './monitoring.ts';
import { needs } from './needs.ts';
import type { Settings } from './settings.ts';
import { Site } from './site.ts';

export interface OtpStackProps {
  readonly settings: Settings;
  /** Folder with a bundle for each operation. */
  readonly functionsFolder: string;
  /** Folder of the built console. */
  readonly consoleFolder: string;
  /** The region that the command line deploys to, where it is known. */
  readonly region?: string;
}

/** The whole service: one stack for each stage. It names no account and no region, so every machine makes the same template. */
export class OtpStack extends Stack {
  constructor(scope: Construct, props: OtpStackProps) {
    const { settings } = props;
    super(scope, `otp-service-${settings.stage}`, {
      description: `One-time password service, stage ${settings.stage}`,
    });
    // `sam` and LocalStack find the bundles by it.
    this.node.setContext(ASSET_RESOURCE_METADATA_ENABLED_CONTEXT, true);

    const table = this.makeTable();
    const dataKey = this.makeDataKey(settings);
    const signingKey = this.makeSigningKey(settings);
    const edgeKey = this.makeEdgeKey();
    const surroundings: Surroundings = {
      settings,
      table,
      dataKey,
      signingKey,
      edgeKey,
      functionsFolder: props.functionsFolder,
    };

    const api = new Api(this, 'Api', { surroundings, contracts });
    const counting = new EventCounting(this, 'EventCounting', surroundings);
    const rotation = this.makeRotation(surroundings);
    const deploymentLogs = this.makeDeploymentLogs(settings);
    const site = new Site(this, 'Site', {
      settings,
      deploymentLogs,
      edgeKey,
      apiHost: api.host,
      consoleFolder: props.consoleFolder,
      ...(props.region !== undefined && { region: props.region }),
    });
    new Monitoring(this, 'Monitoring', { settings, api, counting, rotation, table });

    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'The API' });
    new CfnOutput(this, 'ConsoleUrl', { value: site.url, description: 'The console; under /api the API' });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DataKeyId', { value: dataKey.keyId });
    new CfnOutput(this, 'SigningKeyId', { value: signingKey.keyId });
  }

  private makeTable(): TableV2 {
    return new TableV2(this, 'Table', {
      partitionKey: text(attributes.partitionKey),
      sortKey: text(attributes.sortKey),
      timeToLiveAttribute: attributes.timeToLive,
      billing: Billing.onDemand(),
      globalSecondaryIndexes: Object.entries(indexes).map(([name, index]) => indexProps(name, index)),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      // KMS with DynamoDB's own key of the account. With a key of ours every caller would need kms:Decrypt on it, and
      // "who may decrypt" would no longer be "who may open a secret". Secrets are sealed under the data key besides.
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Wraps the data keys of the rings. Losing it loses every secret: it outlives the stack, and deletion takes 30 days. */
  private makeDataKey({ stage }: Settings): Key {
    return new Key(this, 'DataKey', {
      alias: `otp-service/${stage}/data`,
      description: `Wraps the data keys of OTP and MFA secrets, stage ${stage}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private makeSigningKey({ stage }: Settings): Key {
    return new Key(this, 'SigningKey', {
      alias: `otp-service/${stage}/signing`,
      description: `Signs access and refresh tokens (ES256), stage ${stage}`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** The word by which functions know that a request came through CloudFront. The template holds its reference, not itself. */
  private makeEdgeKey(): string {
    const secret = new Secret(this, 'EdgeKey', {
      description: 'Sent by CloudFront to the API; vouches for the client address beside it',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'CloudFront and the functions read it when the stack is deployed; changed between deployments the two would ' +
        'differ. It vouches for client addresses and signs cursors; it opens nothing.',
    });
    return secret.secretValue.unsafeUnwrap();
  }

  /** Where the functions that CDK itself runs at deployments write, instead of groups that are kept for ever. */
  private makeDeploymentLogs(settings: Settings): LogGroup {
    const logGroup = new LogGroup(this, 'DeploymentLogs', {
      logGroupName: `/otp-service/${settings.stage}/deployment`,
      retention: settings.log_days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const provider = this.node.children.find(({ node }) => node.id.startsWith('AWSCDK.TriggerCustomResource'));
    const handler = provider?.node.tryFindChild('Handler');
    if (!CfnResource.isCfnResource(handler)) throw new Error('CDK’s trigger function is not where it was.');
    handler.addPropertyOverride('LoggingConfig.LogGroup', logGroup.logGroupName);
    return logGroup;
  }

  /** Makes the first keys at deployment, and a new version of each ring every year. */
  private makeRotation(surroundings: Surroundings): EndpointFunction {
    const rotation = new EndpointFunction(this, 'keys/rotate', {
      ...surroundings,
      operation: 'keys/rotate',
      needs: needs['keys/rotate'],
    });
    new Trigger(this, 'FirstKeys', {
      handler: rotation.lambda,
      invocationType: InvocationType.REQUEST_RESPONSE,
      timeout: Duration.minutes(1),
    });
    new Rule(this, 'Rotation', {
      description: `A new version of each key ring every ${keys.rotateDays} days`,
      schedule: Schedule.rate(Duration.days(keys.rotateDays)),
      targets: [new LambdaTarget(rotation.lambda, { event: RuleTargetInput.fromObject({ rotate: true }) })],
    });
    return rotation;
  }
}

type Index = (typeof indexes)[keyof typeof indexes];

function indexProps(indexName: string, { partitionKey, sortKey, projection }: Index): GlobalSecondaryIndexPropsV2 {
  const shared = { indexName, partitionKey: text(partitionKey), sortKey: text(sortKey) };
  if (projection === 'all') return { ...shared, projectionType: ProjectionType.ALL };
  return { ...shared, projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] };
}

function text(name: string): { name: string; type: AttributeType } {
  return { name, type: AttributeType.STRING };
}
