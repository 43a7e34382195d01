import { CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { edgeHeaders } from '../shared/config.ts';
import type { Settings } from './settings.ts';
import {
  apiFunctionCode,
  apiPaths,
  cacheControl,
  contentSecurityPolicy,
  hashedFolder,
  hstsSeconds,
  siteFunctionCode,
  siteHeaders,
} from './site-rules.ts';
import { WebAcl } from './web-acl.ts';

export interface SiteProps {
  readonly settings: Settings;
  readonly edgeKey: string;
  readonly apiHost: string;
  /** Where the function writes that fills the bucket. */
  readonly deploymentLogs: LogGroup;
  /** Folder of the built console. */
  readonly consoleFolder: string;
  readonly region?: string;
}

/** A bucket that CloudFront reads, and that serves no pages by itself. */
class PrivateBucket extends Bucket {
  override get isWebsite(): boolean {
    return false;
  }
}

/** The console: a private bucket behind CloudFront, which also leads to the API, so that both have one origin. */
export class Site extends Construct {
  readonly distribution: Distribution;
  readonly url: string;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    const { settings } = props;
    const bucket = this.makeBucket();
    this.distribution = this.makeDistribution(bucket, props);
    this.url = `https://${settings.domain ?? this.distribution.distributionDomainName}`;
    this.fillBucket(bucket, props);
    this.makeRecords(settings);
  }

  private makeBucket(): PrivateBucket {
    const bucket = new PrivateBucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds the public files of the console and only CloudFront can read it; requests are counted there.',
    });
    return bucket;
  }

  private makeDistribution(bucket: PrivateBucket, { settings, edgeKey, apiHost, region }: SiteProps): Distribution {
    const api = this.apiBehavior(apiHost, edgeKey);
    const distribution = new Distribution(this, 'Distribution', {
      comment: `otp-service ${settings.stage}`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.siteHeadersPolicy(settings),
        functionAssociations: [onRequest(this.makeFunction('SiteFunction', siteFunctionCode))],
      },
      additionalBehaviors: Object.fromEntries(apiPaths.map((path) => [path, api])),
      ...(settings.waf && { webAclId: new WebAcl(this, 'WebAcl', { stage: settings.stage, region }).arn }),
      ...(settings.domain &&
        settings.certificate_arn && {
          domainNames: [settings.domain],
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          certificate: Certificate.fromCertificateArn(this, 'Certificate', settings.certificate_arn),
        }),
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'The service is for callers in every country.' },
      {
        id: 'AwsSolutions-CFR3',
        reason:
          'The API writes an access log of every request that means something; a log of static files would hold ' +
          'addresses of people and nothing to act on.',
      },
    );
    if (!settings.waf) {
      Validations.of(distribution).acknowledge({
        id: 'AwsSolutions-CFR2',
        reason: 'A stage chooses it by the setting waf; limits and locks stand in the service itself.',
      });
    }
    if (!settings.domain) {
      Validations.of(distribution).acknowledge({
        id: 'AwsSolutions-CFR4',
        reason: 'CloudFront’s own certificate allows no other minimum; with the setting domain it is TLS 1.2.',
      });
    }
    return distribution;
  }

  private apiBehavior(host: string, edgeKey: string): BehaviorOptions {
    return {
      origin: new HttpOrigin(host, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        customHeaders: { [edgeHeaders.key]: edgeKey },
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // API Gateway finds the API by its host name, so the viewer's must not reach it.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'ApiHeaders', {
        comment: 'The API says the rest by itself',
        securityHeadersBehavior: ofWholeOrigin(),
      }),
      functionAssociations: [onRequest(this.makeFunction('ApiFunction', apiFunctionCode))],
    };
  }

  private siteHeadersPolicy({ stage }: Settings): ResponseHeadersPolicy {
    const customHeaders = Object.entries(siteHeaders).map(([header, value]) => ({ header, value, override: true }));
    return new ResponseHeadersPolicy(this, 'SiteHeaders', {
      comment: `The console of stage ${stage}`,
      securityHeadersBehavior: {
        ...ofWholeOrigin(),
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      },
      customHeadersBehavior: { customHeaders },
    });
  }

  private makeFunction(id: string, code: string): EdgeFunction {
    return new EdgeFunction(this, id, { code: FunctionCode.fromInline(code), runtime: FunctionRuntime.JS_2_0 });
  }

  /** Hashed files first and never removed: who has the page of before still finds what it names. */
  private fillBucket(bucket: PrivateBucket, { consoleFolder, deploymentLogs }: SiteProps): void {
    const files = new Asset(this, 'Console', { path: consoleFolder });
    const shared = {
      sources: [Source.bucket(files.bucket, files.s3ObjectKey)],
      destinationBucket: bucket,
      distribution: this.distribution,
      memoryLimit: 512,
      logGroup: deploymentLogs,
      role: this.makeDeploymentRole(bucket, files, deploymentLogs).withoutPolicyUpdates(),
    };
    const hashed = new BucketDeployment(this, 'HashedFiles', {
      ...shared,
      exclude: ['*'],
      include: [`${hashedFolder}*`],
      prune: false,
      cacheControl: [CacheControl.fromString(cacheControl(hashedFolder))],
      distributionPaths: [`/${hashedFolder}*`],
    });
    const others = new BucketDeployment(this, 'Files', {
      ...shared,
      exclude: [`${hashedFolder}*`],
      cacheControl: [CacheControl.fromString(cacheControl('index.html'))],
      distributionPaths: ['/*'],
    });
    others.node.addDependency(hashed);
    acknowledgeRuntime(Stack.of(this));
  }

  /** What CDK would grant its deployment function, without the wildcards. */
  private makeDeploymentRole(bucket: PrivateBucket, files: Asset, logGroup: LogGroup): Role {
    const role = new Role(this, 'DeploymentRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        grants: new PolicyDocument({
          statements: [
            allow(['s3:GetObject'], files.bucket.arnForObjects(files.s3ObjectKey)),
            allow(['s3:ListBucket', 's3:GetBucketTagging'], bucket.bucketArn),
            allow(['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], bucket.arnForObjects('*')),
            allow(['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'], this.distribution.distributionArn),
            allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(elementOf(bucket))}.Arn>/*]`,
      reason: 'It writes every file of the console, and only those are in the bucket.',
    });
    return role;
  }

  private makeRecords({ domain, hosted_zone_id }: Settings): void {
    if (!domain || !hosted_zone_id) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: hosted_zone_id, zoneName: domain });
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
    new ARecord(this, 'Ipv4', { zone, recordName: `${domain}.`, target });
    new AaaaRecord(this, 'Ipv6', { zone, recordName: `${domain}.`, target });
  }
}

function allow(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] });
}

function elementOf(bucket: PrivateBucket): CfnElement {
  const element = bucket.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new Error('A bucket is one resource.');
  return element;
}

function acknowledgeRuntime(stack: Stack): void {
  const provider = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
  if (!provider) throw new Error('CDK’s deployment function is not where it was.');
  Validations.of(provider).acknowledge({
    id: 'AwsSolutions-L1',
    reason: 'CDK’s own function, in the runtime that CDK chooses; it runs at deployments only.',
  });
}

function onRequest(edgeFunction: EdgeFunction) {
  return { function: edgeFunction, eventType: FunctionEventType.VIEWER_REQUEST };
}

/** Headers of every answer, the API's too. */
function ofWholeOrigin() {
  return {
    strictTransportSecurity: {
      accessControlMaxAge: Duration.seconds(hstsSeconds),
      includeSubdomains: true,
      override: true,
    },
    contentTypeOptions: { override: true },
    referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
  };
}
