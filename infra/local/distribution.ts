import * as z from 'zod';
import { type ReadProperties, resourcesOf, type Template } from './template.ts';

/** How the distribution answers the paths of one pattern. */
export interface Behavior {
  /** `*` and `?` as CloudFront has them; the last behavior takes everything. */
  readonly pattern: string;
  readonly methods: readonly string[];
  readonly origin: Origin;
  /** Code of the function that sees the request first. */
  readonly viewerRequest: string | undefined;
  /** Headers that every answer gets. */
  readonly headers: readonly PolicyHeader[];
  /** Which of the viewer's headers reach the origin. */
  readonly forwards: 'all' | 'all_but_host' | 'none';
}

/** A header of a response headers policy; one that overrides takes the place of the origin's. */
export interface PolicyHeader {
  readonly name: string;
  readonly value: string;
  readonly override: boolean;
}

/** Where a behavior's answers come from: the console's files, or a server. */
export type Origin =
  | { readonly kind: 'files' }
  | { readonly kind: 'server'; readonly host: string; readonly headers: Readonly<Record<string, string>> };

/** The site as the template declares it. */
export interface SiteDefinition {
  /** In the order in which they are tried. */
  readonly behaviors: readonly Behavior[];
  readonly rootObject: string | undefined;
  readonly errorPages: readonly { readonly status: number; readonly page: string; readonly answer: number }[];
  /** How long a file may be kept: the last that includes it counts, as the last deployment overwrites. */
  readonly cacheRules: readonly CacheRule[];
}

interface CacheRule {
  readonly cacheControl: string;
  readonly exclude: readonly string[];
  readonly include: readonly string[];
}

const behaviorSchema = z.object({
  TargetOriginId: z.string(),
  PathPattern: z.string().default('*'),
  AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
  ResponseHeadersPolicyId: z.string().optional(),
  OriginRequestPolicyId: z.string().optional(),
  FunctionAssociations: z
    .array(z.object({ EventType: z.literal('viewer-request'), FunctionARN: z.string() }))
    .default([]),
});
const originSchema = z.object({
  Id: z.string(),
  DomainName: z.string(),
  S3OriginConfig: z.unknown().optional(),
  OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.string() })).default([]),
});
const distributionSchema = z.object({
  DistributionConfig: z.object({
    DefaultRootObject: z.string().optional(),
    DefaultCacheBehavior: behaviorSchema,
    CacheBehaviors: z.array(behaviorSchema).default([]),
    Origins: z.array(originSchema),
    CustomErrorResponses: z
      .array(z.object({ ErrorCode: z.number(), ResponseCode: z.number(), ResponsePagePath: z.string() }))
      .default([]),
  }),
});

const header = { Override: z.boolean() };
const headersPolicySchema = z.object({
  ResponseHeadersPolicyConfig: z.object({
    SecurityHeadersConfig: z
      .object({
        ContentSecurityPolicy: z.object({ ...header, ContentSecurityPolicy: z.string() }).optional(),
        ContentTypeOptions: z.object(header).optional(),
        FrameOptions: z.object({ ...header, FrameOption: z.string() }).optional(),
        ReferrerPolicy: z.object({ ...header, ReferrerPolicy: z.string() }).optional(),
        StrictTransportSecurity: z
          .object({
            ...header,
            AccessControlMaxAgeSec: z.number(),
            IncludeSubdomains: z.boolean().default(false),
            Preload: z.boolean().default(false),
          })
          .optional(),
      })
      .default({}),
    CustomHeadersConfig: z
      .object({ Items: z.array(z.object({ ...header, Header: z.string(), Value: z.string() })) })
      .default({ Items: [] }),
  }),
});

// AWS's managed policies (CloudFront developer guide): AllViewer, AllViewerExceptHostHeader.
const managedForwarding: Record<string, Behavior['forwards']> = {
  '216adef6-5c7f-47e4-b989-5493eafa07d3': 'all',
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': 'all_but_host',
};

/** Reads the distribution of the template, what its behaviors refer to, and how its files were put up. */
export function readSite(template: Template, read: ReadProperties): SiteDefinition | undefined {
  const [distribution] = resourcesOf(template, 'AWS::CloudFront::Distribution');
  if (distribution === undefined) return undefined;
  const config = read(distribution, distributionSchema).DistributionConfig;

  const behaviors = [...config.CacheBehaviors, config.DefaultCacheBehavior].map((behavior): Behavior => {
    const origin = config.Origins.find(({ Id }) => Id === behavior.TargetOriginId);
    if (origin === undefined) throw new Error(`The distribution has no origin ${behavior.TargetOriginId}.`);
    const [association] = behavior.FunctionAssociations;
    return {
      pattern: behavior.PathPattern,
      methods: behavior.AllowedMethods,
      origin: readOrigin(origin),
      viewerRequest: association && functionCode(association.FunctionARN),
      headers: behavior.ResponseHeadersPolicyId === undefined ? [] : policyHeaders(behavior.ResponseHeadersPolicyId),
      forwards: forwardingOf(behavior.OriginRequestPolicyId),
    };
  });

  function functionCode(arn: string): string {
    const resource = template.resources.get(arn.slice(arn.lastIndexOf('/') + 1));
    if (resource === undefined) throw new Error(`The distribution refers to ${arn}, which the template does not have.`);
    return read(resource, z.object({ FunctionCode: z.string() })).FunctionCode;
  }

  function policyHeaders(id: string): PolicyHeader[] {
    const resource = template.resources.get(id);
    if (resource === undefined) throw new Error(`The response headers policy ${id} is not in the template.`);
    const { SecurityHeadersConfig, CustomHeadersConfig } = read(
      resource,
      headersPolicySchema,
    ).ResponseHeadersPolicyConfig;
    return [
      ...securityHeaders(SecurityHeadersConfig),
      ...CustomHeadersConfig.Items.map(({ Header, Value, Override }) => {
        return { name: Header.toLowerCase(), value: Value, override: Override };
      }),
    ];
  }

  return {
    behaviors,
    rootObject: config.DefaultRootObject,
    errorPages: config.CustomErrorResponses.map(({ ErrorCode, ResponsePagePath, ResponseCode }) => {
      return { status: ErrorCode, page: ResponsePagePath, answer: ResponseCode };
    }),
    cacheRules: readCacheRules(template, read),
  };
}

/** Whether a pattern of CloudFront takes a path. */
export function patternTakes(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^/?${source.replace(/^\//, '')}$`, 's').test(path);
}

/** The `Cache-Control` that a file was put up with. */
export function cacheControlOf(rules: readonly CacheRule[], file: string): string | undefined {
  return rules.findLast(({ exclude, include }) => {
    const isExcluded = exclude.some((pattern) => patternTakes(pattern, file));
    return !isExcluded || include.some((pattern) => patternTakes(pattern, file));
  })?.cacheControl;
}

function readOrigin({ DomainName, S3OriginConfig, OriginCustomHeaders }: z.output<typeof originSchema>): Origin {
  if (S3OriginConfig !== undefined) return { kind: 'files' };
  const headers = OriginCustomHeaders.map(
    ({ HeaderName, HeaderValue }) => [HeaderName.toLowerCase(), HeaderValue] as const,
  );
  return { kind: 'server', host: DomainName, headers: Object.fromEntries(headers) };
}

function forwardingOf(policy: string | undefined): Behavior['forwards'] {
  if (policy === undefined) return 'none';
  const known = managedForwarding[policy];
  if (known === undefined) throw new Error(`The origin request policy ${policy} is not known here.`);
  return known;
}

type SecurityHeaders = z.output<typeof headersPolicySchema>['ResponseHeadersPolicyConfig']['SecurityHeadersConfig'];

function securityHeaders(config: SecurityHeaders): PolicyHeader[] {
  const {
    ContentSecurityPolicy: csp,
    ContentTypeOptions: sniffing,
    FrameOptions: frame,
    ReferrerPolicy: referrer,
  } = config;
  const hsts = config.StrictTransportSecurity;
  const named = (name: string, value: string | undefined, setting: { Override: boolean } | undefined) => {
    return value !== undefined && setting ? [{ name, value, override: setting.Override }] : [];
  };
  const transport = hsts && [
    `max-age=${hsts.AccessControlMaxAgeSec}`,
    ...(hsts.IncludeSubdomains ? ['includeSubDomains'] : []),
    ...(hsts.Preload ? ['preload'] : []),
  ];
  return [
    ...named('content-security-policy', csp?.ContentSecurityPolicy, csp),
    ...named('x-content-type-options', 'nosniff', sniffing),
    ...named('x-frame-options', frame?.FrameOption, frame),
    ...named('referrer-policy', referrer?.ReferrerPolicy, referrer),
    ...named('strict-transport-security', transport?.join('; '), hsts),
  ];
}

const deploymentSchema = z.object({
  SystemMetadata: z.object({ 'cache-control': z.string().optional() }).default({}),
  Exclude: z.array(z.string()).default([]),
  Include: z.array(z.string()).default([]),
});

function readCacheRules(template: Template, read: ReadProperties): CacheRule[] {
  return resourcesOf(template, 'Custom::CDKBucketDeployment').flatMap((resource) => {
    const { SystemMetadata, Exclude: exclude, Include: include } = read(resource, deploymentSchema);
    const cacheControl = SystemMetadata['cache-control'];
    return cacheControl === undefined ? [] : [{ cacheControl, exclude, include }];
  });
}
