import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { contracts } from '../shared/api/index.ts';
import { makeStack, makeTemplate } from './testing/stack-under-test.ts';
import { functionsOf, names, propertiesOf } from './testing/template-facts.ts';

const template = makeTemplate();
const functions = functionsOf(template);

describe('SECURITY 35: the account', () => {
  test('the table can be restored to any second, cannot be deleted, and is encrypted by KMS', () => {
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        Replicas: [
          { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
        ],
      },
    });
  });

  test('the keys outlive the stack, wait 30 days before they are deleted, and the data key rotates', () => {
    const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    template.hasResource('AWS::KMS::Key', {
      ...kept,
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 30 },
    });
    template.hasResource('AWS::KMS::Key', {
      ...kept,
      Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', PendingWindowInDays: 30 },
    });
    template.resourceCountIs('AWS::KMS::Key', 2);
  });

  test('bucket and queue answer over TLS only', () => {
    for (const type of ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy']) {
      const [policy] = Object.values(propertiesOf(template, type));
      expect(JSON.stringify(policy?.['PolicyDocument'])).toContain(
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
      );
    }
  });

  test('the bucket is private and read by CloudFront through origin access control', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {},
    });
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
  });

  test('no policy of a resource lets in anybody but this account and the services that it names', () => {
    const types = ['AWS::KMS::Key', 'AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'];
    const documents = types.flatMap((type) =>
      Object.values(propertiesOf(template, type)).map(({ KeyPolicy, PolicyDocument }) => KeyPolicy ?? PolicyDocument),
    );
    const policy = z.object({ Statement: z.array(z.looseObject({ Effect: z.string(), Principal: z.unknown() })) });
    const allowed = documents.flatMap((document) =>
      policy.parse(document).Statement.filter(({ Effect }) => Effect === 'Allow'),
    );
    // The two keys for the account, by whose policies alone it is then decided, and the bucket for CloudFront.
    expect(allowed).toHaveLength(3);
    for (const { Principal } of allowed) {
      expect(JSON.stringify(Principal)).toMatch(/^\{"AWS":\{"Fn::Join".*":root"\]\]\}\}$|^\{"Service":"cloudfront/);
    }
  });

  test('a function is invoked by its route, its rule or its mapping, and by nothing else', () => {
    const permissions = Object.values(propertiesOf(template, 'AWS::Lambda::Permission'));
    expect(permissions.length).toBeGreaterThan(contracts.length);
    for (const { Principal, SourceArn } of permissions) {
      expect(['apigateway.amazonaws.com', 'events.amazonaws.com']).toContain(Principal);
      expect(SourceArn).toBeDefined();
    }
    template.resourceCountIs('AWS::Lambda::Url', 0);
  });

  test('alarms are told over TLS only', () => {
    const told = makeTemplate({ alarm_email: 'ops@example.com' });
    const [policy] = Object.values(propertiesOf(told, 'AWS::SNS::TopicPolicy'));
    expect(JSON.stringify(policy)).toContain('"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
  });
});

describe('SECURITY 36: watched and bounded', () => {
  test('every function writes to a log group of its own that ends', () => {
    const groups = propertiesOf(template, 'AWS::Logs::LogGroup');
    expect(Object.values(groups).every(({ RetentionInDays }) => RetentionInDays === 90)).toBe(true);
    const used = functions.map(({ properties }) => properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(used).size).toBe(functions.length);
    for (const { properties, operation } of functions) {
      expect(groups[properties.LoggingConfig.LogGroup.Ref]).toMatchObject({
        LogGroupName: `/otp-service/dev/${operation}`,
      });
    }
    const allFunctions = Object.values(propertiesOf(template, 'AWS::Lambda::Function'));
    expect(allFunctions.filter(({ LoggingConfig }) => LoggingConfig === undefined)).toEqual([]);
  });

  test('there is an alarm for each thing that a person must look at', () => {
    const alarms = Object.values(propertiesOf(template, 'AWS::CloudWatch::Alarm'));
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      [
        'api-5xx',
        'api-p99',
        'failure-queue',
        'function-throttles',
        'kms-unavailable',
        'lockouts',
        'refresh-reuse',
        'rotation-failed',
        'stream-age',
        'table-throttles',
        'unseal-failures',
      ].map((name) => `otp-service-dev-${name}`),
    );
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('every route has a throttle of its own, and the stage knows it only when the route is there', () => {
    const routes = template.findResources('AWS::ApiGatewayV2::Route');
    const stages = z
      .record(
        z.string(),
        z.object({
          DependsOn: z.array(z.string()),
          Properties: z.object({
            DefaultRouteSettings: z.object({ ThrottlingRateLimit: z.number() }),
            RouteSettings: z.record(z.string(), z.object({ ThrottlingRateLimit: z.number() })),
          }),
        }),
      )
      .parse(template.findResources('AWS::ApiGatewayV2::Stage'));
    const [stage] = Object.values(stages);
    const keys = contracts.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(stage?.Properties.RouteSettings ?? {}).sort()).toEqual(keys.sort());
    const named = Object.entries(routes).filter(([, { Properties }]) => keys.includes(Properties.RouteKey));
    expect(named).toHaveLength(keys.length);
    expect(stage?.DependsOn).toEqual(expect.arrayContaining(named.map(([id]) => id)));
    expect(stage?.Properties.DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
    expect(stage?.Properties.RouteSettings['POST /token']?.ThrottlingRateLimit).toBeLessThan(
      stage?.Properties.RouteSettings['POST /otp/validate']?.ThrottlingRateLimit ?? 0,
    );
  });

  test('a flood of log-ins cannot take the concurrency that codes need', () => {
    const capped = functions.filter(({ properties }) => properties.ReservedConcurrentExecutions !== undefined);
    expect(names(capped)).toEqual(names(functions.filter(({ properties }) => properties.MemorySize === 1769)));
    expect(names(capped)).toEqual(
      expect.arrayContaining(['token/create-token', 'auth/authenticate', 'users/register-user']),
    );
    const sum = capped.reduce((total, { properties }) => total + (properties.ReservedConcurrentExecutions ?? 0), 0);
    expect(sum).toBeLessThanOrEqual(500);
  });

  test('an account with a small quota gets no reservation, which it could not have', () => {
    const small = functionsOf(makeTemplate({ account_concurrency: 10 }));
    expect(small.every(({ properties }) => properties.ReservedConcurrentExecutions === undefined)).toBe(true);
  });

  test('the access log names the route and no path, query or header that a caller wrote', () => {
    const [stage] = Object.values(propertiesOf(template, 'AWS::ApiGatewayV2::Stage'));
    const { AccessLogSettings } = z.object({ AccessLogSettings: z.object({ Format: z.string() }) }).parse(stage);
    const fields = Object.values(z.record(z.string(), z.string()).parse(JSON.parse(AccessLogSettings.Format)));
    expect(fields).toContain('$context.routeKey');
    expect(fields.filter((field) => /path|query|header|authorizer|\$request/i.test(field))).toEqual([]);
  });
});

const everySetting = {
  domain: 'otp.example.com',
  certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b',
  hosted_zone_id: 'Z0123456789',
  alarm_email: 'ops@example.com',
  waf: true,
  cors_origins: 'https://app.example.com',
};

describe('SPEC §9: one stack', () => {
  test.each([
    ['without settings', {}],
    ['with every setting', everySetting],
  ])(
    'passes the validation of CloudFormation without an error or a warning, %s',
    (_, context) => {
      const { app } = makeStack(context, { validates: true });
      const { directory } = app.synth();
      expect(JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'))).toMatchObject({
        pluginReports: [],
      });
    },
    120_000,
  );

  test('has fewer than 480 resources, with every setting on', () => {
    const all = makeTemplate(everySetting);
    expect(
      Object.keys(z.object({ Resources: z.record(z.string(), z.unknown()) }).parse(all.toJSON()).Resources).length,
    ).toBeLessThan(480);
    all.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' });
    all.resourceCountIs('AWS::Route53::RecordSet', 2);
    all.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
    all.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: { AllowOrigins: ['https://app.example.com'] },
    });
    all.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['otp.example.com'],
        ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
      },
    });
  });

  test('has a route for each contract, none with a slash at its end, and one for all that is unknown', () => {
    const keys = Object.values(propertiesOf(template, 'AWS::ApiGatewayV2::Route')).map(({ RouteKey }) =>
      String(RouteKey),
    );
    expect(keys.sort()).toEqual([...contracts.map(({ method, path }) => `${method} ${path}`), '$default'].sort());
    expect(keys.filter((key) => /.\/$/.test(key) && key !== 'GET /')).toEqual([]);
  });

  test('runs every function on Node 24 for arm64, traced, for at most ten seconds', () => {
    for (const { properties } of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 10 });
    }
  });

  test('allows no other origin unless the stage names it', () => {
    const [api] = Object.values(propertiesOf(template, 'AWS::ApiGatewayV2::Api'));
    expect(api).not.toHaveProperty('CorsConfiguration');
  });

  test('gives the settings of the stage to the functions that need them', () => {
    const chosen = functionsOf(
      makeTemplate({ stage: 'test', registration: 'closed', event_days: 30, limits: { validate: '1000/1m' } }),
    );
    const variables = (operation: string) =>
      chosen.find((one) => one.operation === operation)?.properties.Environment.Variables;
    expect(variables('users/register-user')).toMatchObject({ STAGE: 'test', REGISTRATION: 'closed', EVENT_DAYS: '30' });
    expect(variables('otp/validate-code')).toMatchObject({ LIMITS: '{"validate":{"max":1000,"windowSeconds":60}}' });
    expect(variables('service/read-time')).not.toHaveProperty('LIMITS');
  });

  test('feeds the stream to its consumer, puts aside what cannot be counted, and does not wake it for its own writes', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 5,
      StartingPosition: 'TRIM_HORIZON',
    });
    const [mapping] = Object.values(propertiesOf(template, 'AWS::Lambda::EventSourceMapping'));
    const { DestinationConfig, FilterCriteria } = z
      .object({ DestinationConfig: z.unknown(), FilterCriteria: z.object({ Filters: z.array(z.unknown()) }) })
      .parse(mapping);
    expect(JSON.stringify(DestinationConfig)).toContain('Failures');
    expect(JSON.stringify(FilterCriteria.Filters)).toContain('EVENT#');
    expect(JSON.stringify(FilterCriteria.Filters)).not.toContain('COUNT#');
  });

  test('makes the first keys at deployment and new versions every year', () => {
    template.resourceCountIs('Custom::Trigger', 1);
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(365 days)' });
    const [rule] = Object.values(propertiesOf(template, 'AWS::Events::Rule'));
    expect(JSON.stringify(rule)).toContain('{\\"rotate\\":true}');
  });

  test('is small enough for CloudFormation, which takes a template of a megabyte', () => {
    expect(JSON.stringify(makeTemplate(everySetting).toJSON()).length).toBeLessThan(900_000);
  });

  test('keeps logs as long as the stage says', () => {
    const groups = Object.values(propertiesOf(makeTemplate({ log_days: '7' }), 'AWS::Logs::LogGroup'));
    expect(new Set(groups.map(({ RetentionInDays }) => RetentionInDays))).toEqual(new Set([7]));
  });

  test('caps password hashing at a twentieth of the account’s concurrency', () => {
    const capped = functionsOf(makeTemplate({ account_concurrency: '3000' })).flatMap(({ properties }) =>
      properties.ReservedConcurrentExecutions === undefined ? [] : [properties.ReservedConcurrentExecutions],
    );
    expect(new Set(capped)).toEqual(new Set([150]));
  });

  test('answers under the stage’s own name, with its certificate and its records', () => {
    const named = makeTemplate(everySetting);
    named.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: [everySetting.domain],
        ViewerCertificate: { AcmCertificateArn: everySetting.certificate_arn, SslSupportMethod: 'sni-only' },
      },
    });
    const records = Object.values(propertiesOf(named, 'AWS::Route53::RecordSet'));
    expect(records.map(({ Type, Name, HostedZoneId }) => [Type, Name, HostedZoneId]).sort()).toEqual([
      ['A', 'otp.example.com.', 'Z0123456789'],
      ['AAAA', 'otp.example.com.', 'Z0123456789'],
    ]);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('puts a web ACL in front of the whole distribution where the stage asks for one', () => {
    const [acl] = Object.keys(propertiesOf(makeTemplate({ waf: 'true' }), 'AWS::WAFv2::WebACL'));
    makeTemplate({ waf: 'true' }).hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { WebACLId: { 'Fn::GetAtt': [acl, 'Arn'] } },
    });
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });

  test('refuses a web ACL outside us-east-1, where CloudFront would not find it', () => {
    expect(() => makeStack({ waf: true }, { region: 'eu-central-1' })).toThrow(
      'CloudFront takes web ACLs from us-east-1 only',
    );
  });
});
