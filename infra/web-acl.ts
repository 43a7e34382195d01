import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** A web ACL in front of CloudFront: a rate per address and AWS's managed rules. It can be made in us-east-1 only. */
export class WebAcl extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { stage, region }: { stage: string; region: string | undefined }) {
    super(scope, id);
    if (region !== undefined && region !== 'us-east-1') {
      throw new Error(`Setting waf: CloudFront takes web ACLs from us-east-1 only, and this stack is for ${region}.`);
    }
    this.arn = new CfnWebACL(this, 'Resource', {
      name: `otp-service-${stage}`,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('web-acl'),
      rules: [
        {
          name: 'rate-by-address',
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: 3000, evaluationWindowSec: 300 } },
          visibilityConfig: visibility('rate-by-address'),
        },
        managedRules(1, 'AWSManagedRulesAmazonIpReputationList'),
        managedRules(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
        // An import may be 1 MiB and holds otpauth: URIs: its size is judged by the API.
        managedRules(3, 'AWSManagedRulesCommonRuleSet', ['SizeRestrictions_BODY']),
      ],
    }).attrArn;
  }
}

function managedRules(priority: number, name: string, countOnly: readonly string[] = []): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: countOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}
