import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { edgeHeaders } from '../shared/config.ts';
import {
  apiFunctionCode,
  apiPaths,
  cacheControl,
  contentSecurityPolicy,
  hashedFolder,
  siteFunctionCode,
  siteHeaders,
} from './site-rules.ts';
import { makeTemplate } from './testing/stack-under-test.ts';
import { functionsOf, propertiesOf } from './testing/template-facts.ts';

const template = makeTemplate();

const ref = z.object({ Ref: z.string() });
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const behaviorSchema = z.looseObject({
  PathPattern: z.string().default('*'),
  AllowedMethods: z.array(z.string()),
  CachePolicyId: z.string(),
  OriginRequestPolicyId: z.string().optional(),
  FunctionAssociations: z.tuple([z.object({ EventType: z.literal('viewer-request'), FunctionARN: attribute })]),
  ResponseHeadersPolicyId: ref,
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: z.string(),
});
const originSchema = z.looseObject({
  Id: z.string(),
  DomainName: z.unknown(),
  OriginAccessControlId: attribute.optional(),
  OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.unknown() })).default([]),
});
const distributionSchema = z.object({
  DistributionConfig: z.looseObject({
    DefaultRootObject: z.string(),
    DefaultCacheBehavior: behaviorSchema,
    CacheBehaviors: z.array(behaviorSchema),
    Origins: z.array(originSchema),
  }),
});

// CloudFront's managed policies, by the ids that its developer guide lists.
const managed = {
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allViewerExceptHost: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
};

const [distribution] = Object.values(propertiesOf(template, 'AWS::CloudFront::Distribution'));
const {
  DefaultCacheBehavior: pages,
  CacheBehaviors,
  Origins,
  ...config
} = distributionSchema.parse(distribution).DistributionConfig;

const originOf = ({ TargetOriginId }: { TargetOriginId: string }) =>
  Origins.find(({ Id }) => Id === TargetOriginId) ?? expect.unreachable(TargetOriginId);
const codeOf = ({ FunctionAssociations: [{ FunctionARN }] }: z.output<typeof behaviorSchema>) =>
  propertiesOf(template, 'AWS::CloudFront::Function')[FunctionARN['Fn::GetAtt'][0]]?.['FunctionCode'];
const headersOf = ({ ResponseHeadersPolicyId }: z.output<typeof behaviorSchema>) =>
  propertiesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy')[ResponseHeadersPolicyId.Ref]?.[
    'ResponseHeadersPolicyConfig'
  ];

describe('SECURITY 35: the site', () => {
  test('is read from the bucket by this distribution alone, signed, and by nobody else', () => {
    const origin = originOf(pages);
    expect(origin.DomainName).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^SiteBucket/), 'RegionalDomainName'] });
    expect(propertiesOf(template, 'AWS::CloudFront::OriginAccessControl')).toHaveProperty(
      origin.OriginAccessControlId?.['Fn::GetAtt'][0] ?? '',
    );
    const [policy] = Object.values(propertiesOf(template, 'AWS::S3::BucketPolicy'));
    const { Statement } = z
      .object({ Statement: z.array(z.looseObject({ Effect: z.string() })) })
      .parse(policy?.['PolicyDocument']);
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
      }),
    ]);
    expect(JSON.stringify(allowed)).toMatch(/:distribution\/",\{"Ref":"SiteDistribution/);
  });

  test('answers with exactly the headers under which the browser tests run, and lets nothing replace them', () => {
    expect(headersOf(pages)).toMatchObject({
      CustomHeadersConfig: {
        Items: Object.entries(siteHeaders).map(([Header, Value]) => ({ Header, Value, Override: true })),
      },
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: contentSecurityPolicy, Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'DENY', Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true, Override: true },
      },
    });
  });

  test('hands the API’s answers on with TLS for good, no sniffing and no referrer; the rest the API says itself', () => {
    for (const behavior of CacheBehaviors) {
      expect(headersOf(behavior)).toMatchObject({
        SecurityHeadersConfig: {
          ContentTypeOptions: { Override: true },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true, Override: true },
        },
      });
      expect(headersOf(behavior)).not.toHaveProperty('SecurityHeadersConfig.ContentSecurityPolicy');
    }
  });

  test('is never served over plain HTTP', () => {
    expect(pages.ViewerProtocolPolicy).toBe('redirect-to-https');
    // A body that was sent in the clear is not redirected but refused.
    for (const { ViewerProtocolPolicy } of CacheBehaviors) expect(ViewerProtocolPolicy).toBe('https-only');
    const api = CacheBehaviors.map(originOf);
    for (const { CustomOriginConfig } of api)
      expect(CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only' });
  });
});

describe('the distribution', () => {
  test('leads the API’s paths to the API, uncached, with all that the caller sent but the host', () => {
    expect(CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual([...apiPaths]);
    for (const behavior of CacheBehaviors) {
      expect(behavior).toMatchObject({
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
        CachePolicyId: managed.cachingDisabled,
        OriginRequestPolicyId: managed.allViewerExceptHost,
      });
      expect(codeOf(behavior)).toBe(apiFunctionCode);
    }
  });

  test('vouches for the caller’s address by a word that the API’s functions know and no caller can (SECURITY 15)', () => {
    const words = new Set(
      functionsOf(template).map(({ properties }) => JSON.stringify(properties.Environment.Variables['EDGE_KEY'])),
    );
    expect(words.size).toBe(1);
    for (const behavior of CacheBehaviors) {
      const { OriginCustomHeaders } = originOf(behavior);
      expect(OriginCustomHeaders.map(({ HeaderName }) => HeaderName)).toEqual([edgeHeaders.key]);
      expect(words).toContain(JSON.stringify(OriginCustomHeaders[0]?.HeaderValue));
    }
    expect([...words][0]).toContain('{{resolve:secretsmanager:');
    expect(apiFunctionCode).toContain(`request.headers['${edgeHeaders.viewerAddress}'] = { value: event.viewer.ip }`);
  });

  test('gives the pages cached, and every path without an ending the page that routes by itself', () => {
    expect(config.DefaultRootObject).toBe('index.html');
    expect(pages).toMatchObject({ AllowedMethods: ['GET', 'HEAD'], CachePolicyId: managed.cachingOptimized });
    expect(pages.OriginRequestPolicyId).toBeUndefined();
    expect(codeOf(pages)).toBe(siteFunctionCode);
  });
});

describe('a deployment of the console', () => {
  const deploymentSchema = z.looseObject({
    DependsOn: z.array(z.string()).default([]),
    Properties: z.looseObject({
      SourceObjectKeys: z.array(z.string()),
      Prune: z.boolean(),
      SystemMetadata: z.object({ 'cache-control': z.string() }),
    }),
  });
  const deployments = Object.entries(template.findResources('Custom::CDKBucketDeployment')).map(([id, resource]) => ({
    id,
    ...deploymentSchema.parse(resource),
  }));
  const hashed = deployments.find(({ Properties }) => Properties['Include'] !== undefined) ?? expect.unreachable();
  const others = deployments.find(({ Properties }) => Properties['Include'] === undefined) ?? expect.unreachable();

  test('brings hashed files first and never removes them: who has the page of before still finds what it names', () => {
    expect(deployments).toHaveLength(2);
    expect(hashed.Properties).toMatchObject({ Exclude: ['*'], Include: [`${hashedFolder}*`], Prune: false });
    expect(others.Properties).toMatchObject({ Exclude: [`${hashedFolder}*`], Prune: true });
    expect(others.DependsOn).toContain(hashed.id);
    expect(hashed.Properties.SourceObjectKeys).toEqual(others.Properties.SourceObjectKeys);
  });

  test('keeps hashed files in caches for ever and the page in none, and makes the edge ask again', () => {
    expect(hashed.Properties.SystemMetadata['cache-control']).toBe(cacheControl(`${hashedFolder}index-0a1b2c.js`));
    expect(others.Properties.SystemMetadata['cache-control']).toBe(cacheControl('index.html'));
    expect(others.Properties).toMatchObject({
      DistributionId: { Ref: expect.stringMatching(/^SiteDistribution/) },
      DistributionPaths: ['/*'],
    });
  });
});
