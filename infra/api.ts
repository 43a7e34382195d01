import { Duration, Fn, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Contract } from '../shared/api/route.ts';
import { EndpointFunction, type Surroundings } from './endpoint-function.ts';
import { type Needs, needs, needsOf } from './needs.ts';

export interface ApiProps {
  readonly surroundings: Surroundings;
  readonly contracts: readonly Contract[];
}

/** Requests a second that a route takes before API Gateway itself answers 429, and how many at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/**
 * The throttle of a route: a fence around the whole service, far above any one caller's limit. Password hashing takes a
 * core for 0.3 s, so 50 a second keep 15 functions busy; codes are what the service is for.
 */
export function throttleOf(contract: Contract, row: Needs): Throttle {
  if (row.hashesPasswords) return { rate: 50, burst: 200 };
  if (contract.scope) return { rate: 2000, burst: 4000 };
  return contract.who === 'public' ? { rate: 200, burst: 400 } : { rate: 500, burst: 1000 };
}

const throttleOfUnknown: Throttle = { rate: 200, burst: 400 };

/** The HTTP API: one explicit route and one function for each contract, and one answer for every other path. */
export class Api extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** Every function that a route leads to, by operation. */
  readonly functions: ReadonlyMap<string, EndpointFunction>;

  constructor(scope: Construct, id: string, { surroundings, contracts }: ApiProps) {
    super(scope, id);
    const { settings } = surroundings;
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: `otp-service-${settings.stage}`,
      createDefaultStage: false,
      ...(settings.cors_origins.length > 0 && { corsPreflight: corsFor(settings.cors_origins) }),
    });

    const routed = contracts.map((contract) => {
      const { method, path, operation } = contract;
      const row = needsOf(operation);
      const endpoint = new EndpointFunction(this, operation, { ...surroundings, operation, contract, needs: row });
      const route = this.connect(HttpRouteKey.with(path, HttpMethod[method]), endpoint);
      return { endpoint, operation, route, key: `${method} ${path}`, throttle: throttleOf(contract, row) };
    });
    // Unknown paths and methods too are answered as the API answers: application/problem+json.
    const operation = 'service/not-found';
    const notFound = new EndpointFunction(this, operation, { ...surroundings, operation, needs: needs[operation] });
    this.connect(HttpRouteKey.DEFAULT, notFound);

    this.functions = new Map([
      ...routed.map(({ operation, endpoint }) => [operation, endpoint] as const),
      [operation, notFound],
    ]);
    this.stage = this.makeStage(surroundings);
    // A route's throttle cannot be set before the route is there.
    this.stage.node.addDependency(...routed.map(({ route }) => route));
    if (this.stage.node.defaultChild instanceof CfnStage) {
      this.stage.node.defaultChild.routeSettings = Object.fromEntries(
        routed.map(({ key, throttle }) => [key, settingsOf(throttle)]),
      );
    }
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Every function authenticates by itself, with a session that it reads anew for each request: an authorizer that ' +
        'caches would let an ended session live on.',
    });
  }

  /** The host that serves the API. */
  get host(): string {
    return Fn.select(2, Fn.split('/', this.api.apiEndpoint));
  }

  get url(): string {
    return this.api.apiEndpoint;
  }

  private connect(routeKey: HttpRouteKey, endpoint: EndpointFunction): HttpRoute {
    const integration = new HttpLambdaIntegration('Integration', endpoint.lambda, { timeout: Duration.seconds(10) });
    return new HttpRoute(endpoint, 'Route', { httpApi: this.api, routeKey, integration });
  }

  private makeStage({ settings }: Surroundings): HttpStage {
    const logGroup = new LogGroup(this, 'AccessLogs', {
      // The prefix for which API Gateway needs no further line in the account's log policy, which is short.
      logGroupName: `/aws/vendedlogs/otp-service/${settings.stage}/api`,
      retention: settings.log_days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // For what no contract names; every route has its own.
      throttle: { rateLimit: throttleOfUnknown.rate, burstLimit: throttleOfUnknown.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
  }
}

/** In CloudFormation's own spelling: to CDK this part of a stage is plain JSON. */
function settingsOf({ rate, burst }: Throttle): { ThrottlingRateLimit: number; ThrottlingBurstLimit: number } {
  return { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst };
}

/** The route as declared, not the path as sent: no id, no query string, nothing that a caller typed. */
const accessLogFields = {
  time: '$context.requestTimeEpoch',
  request_id: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  ip: '$context.identity.sourceIp',
  bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_ms: '$context.integrationLatency',
  integration_status: '$context.integrationStatus',
  error: '$context.error.message',
  integration_error: '$context.integrationErrorMessage',
};

function corsFor(origins: readonly string[]) {
  return {
    allowOrigins: [...origins],
    allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PATCH, CorsHttpMethod.DELETE],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
    exposeHeaders: [
      'x-request-id',
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'link',
      'idempotent-replayed',
      'www-authenticate',
    ],
    maxAge: Duration.hours(1),
  };
}
