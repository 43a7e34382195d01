import * as z from 'zod';
import { events, limits } from '../shared/domain/policy.ts';

/** How much of a limit a stage changes. */
export interface LimitOverride {
  readonly max: number;
  readonly windowSeconds: number;
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Reads `1000/1m` or `5/30s` (units s, m, h, d). Anything else throws a sentence that says so. */
export function parseLimit(text: string): LimitOverride {
  const match = /^([1-9]\d*)\/([1-9]\d*)?([smhd])$/.exec(text);
  const unit = z.enum(['s', 'm', 'h', 'd']).safeParse(match?.[3]);
  if (!match || !unit.success) throw new Error(`“${text}” is not a limit: write it as 1000/1m (s, m, h or d).`);
  return { max: Number(match[1]), windowSeconds: Number(match[2] ?? 1) * unitSeconds[unit.data] };
}

const limitNames = z.enum(Object.keys(limits));

const limitOverride = z
  .preprocess(
    (value, context) => {
      if (typeof value !== 'string') return value;
      try {
        const { max, windowSeconds } = parseLimit(value);
        return { max, window_seconds: windowSeconds };
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : 'is not a limit');
        return z.NEVER;
      }
    },
    z.strictObject(
      { max: z.int().min(1), window_seconds: z.int().min(1) },
      { error: ({ code }) => (code === 'invalid_type' ? 'is not a limit: write it as 1000/1m' : undefined) },
    ),
  )
  .transform(({ max, window_seconds }): LimitOverride => ({ max, windowSeconds: window_seconds }));

// The command line (`cdk -c name=value`) hands over text only, cdk.json real values: both are taken.
const fromText = (parse: (text: string) => unknown) => (value: unknown) =>
  typeof value === 'string' ? parse(value) : value;
const list = fromText((text) => text.split(',').filter(Boolean));
const truth = fromText((text) => ({ true: true, false: false })[text] ?? text);
const whole = fromText((text) => (/^\d+$/.test(text) ? Number(text) : text));
const pairs = fromText((text) => {
  if (!text.startsWith('{')) return Object.fromEntries(text.split(',').map((pair) => pair.split('=')));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
});

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'is not an origin: write scheme and host only, as https://app.example.com',
});

/** The settings of a stage, as CDK context gives them. Each has its meaning, unit and default beside it. */
export const settingsSchema = z
  .strictObject({
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,15}$/, 'is not a stage name: 1 to 16 of a–z, 0–9 and “-”, a letter first')
      .default('dev')
      .meta({ description: 'Name of the stage: part of the stack’s name and of the names of its functions.' }),
    limits: z
      .preprocess(
        pairs,
        z.partialRecord(limitNames, limitOverride, {
          error: ({ code }) =>
            code === 'invalid_type' ? 'are not limits: write them as validate=1000/1m,login=20/5m' : undefined,
        }),
      )
      .default({})
      .meta({ description: 'Limits that differ from the policy, by name: "1000/1m" or {max, window_seconds}.' }),
    registration: z
      .enum(['open', 'closed'])
      .default('open')
      .meta({ description: 'Whether everyone may make an account, or only administrators.' }),
    event_days: z
      .preprocess(whole, z.int().min(1).max(3650))
      .default(events.daysDefault)
      .meta({ description: 'Days that audit events are kept.' }),
    domain: z
      .hostname()
      .optional()
      .meta({ description: 'The console’s own host name; needs certificate_arn. Without: CloudFront’s name.' }),
    certificate_arn: z
      .string()
      .regex(
        /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/\S+$/,
        'is not the ARN of an ACM certificate in us-east-1',
      )
      .optional()
      .meta({ description: 'Certificate of the domain. CloudFront takes it from us-east-1 only.' }),
    hosted_zone_id: z
      .string()
      .regex(/^Z[A-Z0-9]+$/, 'is not the id of a hosted zone')
      .optional()
      .meta({
        description: 'Route 53 zone in which the domain’s records are made; needs domain. Without: you make them.',
      }),
    cors_origins: z
      .preprocess(list, z.array(origin))
      .default([])
      .meta({ description: 'Origins of other sites whose pages may call the API; a list, or text with commas.' }),
    alarm_email: z
      .email()
      .optional()
      .meta({ description: 'Who gets the alarms. Without: they show on the dashboard only.' }),
    waf: z.preprocess(truth, z.boolean()).default(false).meta({
      description: 'A web ACL (AWS’s managed rules, a rate per address) in front of CloudFront. us-east-1 only.',
    }),
    log_days: z
      .preprocess(whole, z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]))
      .default(90)
      .meta({ description: 'Days that logs are kept; one of the periods that CloudWatch offers.' }),
    aws_endpoint: z
      .url({
        protocol: /^http$/,
        error: 'is not an address of this machine: write it as http://host.docker.internal:4566',
      })
      .optional()
      .meta({
        description:
          'Where functions find DynamoDB and KMS instead of AWS, for `npm run sam`. Plain HTTP only, so it is never AWS.',
      }),
    account_concurrency: z
      .preprocess(whole, z.int().min(1))
      .default(1000)
      .meta({
        description:
          'The account’s quota of concurrent Lambda executions (1000; a new account may have 10). Functions that hash ' +
          'passwords are capped at a twentieth of it each; under 1000 nothing is reserved, route throttles alone protect.',
      }),
  })
  .superRefine((read, context) => {
    if (read.domain && !read.certificate_arn) {
      context.addIssue({
        code: 'custom',
        path: ['certificate_arn'],
        message: 'is missing: a domain needs its certificate',
      });
    }
    if (!read.domain && (read.certificate_arn || read.hosted_zone_id)) {
      context.addIssue({
        code: 'custom',
        path: ['domain'],
        message: 'is missing: certificate and zone are for a domain',
      });
    }
  });

/** The settings of a stage, checked, with defaults. */
export type Settings = z.output<typeof settingsSchema>;

/** The names under which CDK context holds the settings. */
export const settingNames = Object.keys(settingsSchema.shape);

/**
 * Reads the settings from context (`-c name=value`, or `context` in cdk.json). A value that will not do throws one
 * sentence a setting, naming it.
 */
export function readSettings(context: (name: string) => unknown): Settings {
  const given = settingNames.flatMap((name) => {
    const value = context(name);
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  const read = settingsSchema.safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  const sentences = read.error.issues.map(
    ({ path, message }) => `Setting ${path.join('.')}: ${message.replace(/\.$/, '')}.`,
  );
  throw new Error(sentences.join('\n'));
}

/** The overrides as the functions' environment has them. */
export function limitsText(settings: Settings): string | undefined {
  const names = limitNames.options.filter((name) => settings.limits[name]);
  if (names.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, settings.limits[name]])));
}
