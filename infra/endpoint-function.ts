import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnFunction, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Contract } from '../shared/api/route.ts';
import type { EnvironmentName } from '../shared/config.ts';
import { type Grants, grantsFor, type Needs } from './needs.ts';
import { limitsText, type Settings } from './settings.ts';

/** What all functions of a stage share. */
export interface Surroundings {
  readonly settings: Settings;
  readonly table: TableV2;
  readonly dataKey: IKey;
  readonly signingKey: IKey;
  /** What CloudFront shows to prove that a request came through it. */
  readonly edgeKey: string;
  /** The folder of the bundles. */
  readonly functionsFolder: string;
}

export interface EndpointFunctionProps extends Surroundings {
  /** The path of the function's file under `functions/`. */
  readonly operation: string;
  /** Its route, if one leads to it. */
  readonly contract?: Contract;
  readonly needs: Needs;
  /** Statements for what is not the table nor a key. */
  readonly statements?: readonly PolicyStatement[];
}

/** bcrypt is one core's work: from 1769 MB on Lambda gives a whole one. Others wait for the table most of the time. */
export const memoryMb = { hashing: 1769, other: 512 } as const;

// The request's own deadline (policy) is half of it: a cold start fits in the rest.
const timeout = Duration.seconds(10);

// Of an account's concurrency, for each function that hashes passwords.
const hashingShare = 1 / 20;
const concurrencyForCaps = 1000;

/**
 * One function with a log group and a role of its own. The role's only policy stands inside the role (no resource of its
 * own) and nothing can add to it: what is granted is what `needs.ts` says.
 */
export class EndpointFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: EndpointFunctionProps) {
    super(scope, id);
    const { operation, contract, needs, settings } = props;
    const grants = grantsFor(contract, needs);

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/otp-service/${settings.stage}/${operation}`,
      retention: settings.log_days,
      // The audit trail is in the table; logs go with the stage, so that it can be put up again under its name.
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        grants: new PolicyDocument({
          statements: [
            ...statementsOf(grants, props),
            ...(props.statements ?? []),
            new PolicyStatement({
              sid: 'Logs',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
            new PolicyStatement({
              sid: 'Traces',
              actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
              resources: ['*'],
            }),
          ],
        }),
      },
    });

    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: `otp-service-${settings.stage}-${operation.replaceAll('/', '-')}`,
      description: contract ? `${contract.method} ${contract.path}: ${contract.summary}` : operation,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(props.functionsFolder, operation)),
      handler: 'index.handler',
      environment: environmentOf(grants, props),
      memorySize: needs.hashesPasswords ? memoryMb.hashing : memoryMb.other,
      timeout,
      tracing: Tracing.ACTIVE,
      logGroup,
      role: role.withoutPolicyUpdates(),
      ...reservedConcurrency(needs, settings),
    });
    const resource = this.lambda.node.defaultChild;
    if (resource instanceof CfnFunction) resource.addMetadata('operation', operation);

    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray takes trace segments for no named resource; nothing else of the policy names “*”.',
    });
  }
}

function statementsOf(grants: Grants, { table, dataKey, signingKey }: Surroundings): PolicyStatement[] {
  return [
    ...byLeadingKeys(grants).map(([keys, actions]) => itemStatement([table.tableArn], actions, keys)),
    ...Object.entries(grants.indexes ?? {}).map(([index, keys]) =>
      itemStatement([`${table.tableArn}/index/${index}`], ['Query'], keys ?? []),
    ),
    ...(grants.readsStream ? [streamStatement(table)] : []),
    ...ringStatement('kms:Decrypt', dataKey, grants.opens),
    ...ringStatement('kms:GenerateDataKeyWithoutPlaintext', dataKey, grants.wraps ?? []),
    ...(grants.signs
      ? [
          new PolicyStatement({
            actions: ['kms:Sign'],
            resources: [signingKey.keyArn],
            conditions: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } },
          }),
        ]
      : []),
    ...(grants.signs || grants.publishes
      ? [new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [signingKey.keyArn] })]
      : []),
    ...(grants.describesKeys
      ? [new PolicyStatement({ actions: ['kms:DescribeKey'], resources: [dataKey.keyArn, signingKey.keyArn] })]
      : []),
  ];
}

/** Actions with the same keys share a statement; an action never stands in two, since IAM judges a batch as a whole. */
function byLeadingKeys({ items }: Grants): [keys: readonly string[], actions: string[]][] {
  const groups = new Map<string, [readonly string[], string[]]>();
  for (const [action, keys] of items) {
    const group = groups.get(keys.join()) ?? [keys, []];
    group[1].push(action);
    groups.set(keys.join(), group);
  }
  return [...groups.values()];
}

function itemStatement(resources: string[], actions: readonly string[], keys: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources,
    conditions: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys] },
      // ForAllValues holds for a request without leading keys; this one does not.
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
}

function streamStatement(table: TableV2): PolicyStatement {
  if (!table.tableStreamArn) throw new Error('The table has no stream to read.');
  return new PolicyStatement({
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    resources: [table.tableStreamArn],
  });
}

function ringStatement(action: string, dataKey: IKey, rings: readonly string[]): PolicyStatement[] {
  if (rings.length === 0) return [];
  return [
    new PolicyStatement({
      actions: [action],
      resources: [dataKey.keyArn],
      conditions: { StringEquals: { 'kms:EncryptionContext:purpose': rings } },
    }),
  ];
}

/** Only what the function needs: it cannot even name a key that it may not use. */
function environmentOf(
  grants: Grants,
  { settings, table, dataKey, signingKey, edgeKey, contract }: EndpointFunctionProps,
): Partial<Record<EnvironmentName | EndpointName, string>> {
  const putsEvents = grants.items.get('PutItem')?.includes('EVENT#*');
  const limitOverrides = contract?.limit && limitsText(settings);
  return {
    STAGE: settings.stage,
    ISSUER: `otp-service-${settings.stage}`,
    TABLE_NAME: table.tableName,
    ...((grants.opens.length > 0 || grants.wraps || grants.describesKeys) && { DATA_KEY_ID: dataKey.keyId }),
    ...((grants.signs || grants.publishes || grants.describesKeys) && { SIGNING_KEY_ID: signingKey.keyId }),
    EDGE_KEY: edgeKey,
    ...(putsEvents && { EVENT_DAYS: String(settings.event_days) }),
    ...(grants.registers && { REGISTRATION: settings.registration }),
    ...(limitOverrides && { LIMITS: limitOverrides }),
    ...(settings.aws_endpoint !== undefined && {
      AWS_ENDPOINT_URL_DYNAMODB: settings.aws_endpoint,
      AWS_ENDPOINT_URL_KMS: settings.aws_endpoint,
    }),
  };
}

/** By which the SDK finds a service elsewhere than on AWS. */
type EndpointName = 'AWS_ENDPOINT_URL_DYNAMODB' | 'AWS_ENDPOINT_URL_KMS';

/**
 * Functions that hash passwords are capped, so that however many log-ins come, the rest of the account's concurrency is
 * left for codes. An account with a smaller quota can reserve nothing; there the routes' throttles alone bound them.
 */
function reservedConcurrency(needs: Needs, settings: Settings): { reservedConcurrentExecutions?: number } {
  if (!needs.hashesPasswords || settings.account_concurrency < concurrencyForCaps) return {};
  return { reservedConcurrentExecutions: Math.floor(settings.account_concurrency * hashingShare) };
}
