import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './build.ts';
import { limitsText, parseLimit, readSettings, settingNames, settingsSchema } from './settings.ts';

const settings = (given: Record<string, unknown>) => readSettings((name) => given[name]);

describe('settings of a stage', () => {
  test('have a default each, so that a deployment needs none', () => {
    expect(settings({})).toEqual({
      stage: 'dev',
      limits: {},
      registration: 'open',
      event_days: 365,
      cors_origins: [],
      waf: false,
      log_days: 90,
      account_concurrency: 1000,
    });
  });

  test('are taken as text from the command line and as values from cdk.json, with the same result', () => {
    const text = settings({
      event_days: '30',
      waf: 'true',
      cors_origins: 'https://a.example,https://b.example:8443',
      limits: 'validate=1000/1m,login=20/300s',
      account_concurrency: '10',
      log_days: '7',
    });
    const values = settings({
      event_days: 30,
      waf: true,
      cors_origins: ['https://a.example', 'https://b.example:8443'],
      limits: { validate: { max: 1000, window_seconds: 60 }, login: '20/300s' },
      account_concurrency: 10,
      log_days: 7,
    });
    expect(text).toEqual(values);
    expect(text.limits).toEqual({
      validate: { max: 1000, windowSeconds: 60 },
      login: { max: 20, windowSeconds: 300 },
    });
  });

  test.each([
    [{ stage: 'Production!' }, 'Setting stage: is not a stage name'],
    [{ limits: { guess: '1/1m' } }, 'Setting limits: Unrecognized key: "guess"'],
    [{ limits: { validate: '0/1m' } }, '“0/1m” is not a limit: write it as 1000/1m'],
    [{ registration: 'maybe' }, 'Setting registration'],
    [{ event_days: 0 }, 'Setting event_days'],
    [{ domain: 'otp.example.com' }, 'Setting certificate_arn: is missing: a domain needs its certificate'],
    [{ hosted_zone_id: 'Z123' }, 'Setting domain: is missing'],
    [
      { domain: 'otp.example.com', certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/x' },
      'is not the ARN of an ACM certificate in us-east-1',
    ],
    [{ cors_origins: 'https://a.example/path' }, 'Setting cors_origins.0: is not an origin'],
    [{ cors_origins: '*' }, 'Setting cors_origins.0: is not an origin'],
    [{ alarm_email: 'nobody' }, 'Setting alarm_email'],
    [{ waf: 'yes' }, 'Setting waf'],
    [{ log_days: 91 }, 'Setting log_days'],
    [{ limits: '{"validate":' }, 'Setting limits: are not limits: write them as validate=1000/1m'],
    [{ limits: 'validate' }, 'Setting limits.validate: is not a limit: write it as 1000/1m.'],
    [{ event_days: 'many' }, 'Setting event_days'],
    [{ account_concurrency: '0' }, 'Setting account_concurrency'],
    [
      { aws_endpoint: 'https://dynamodb.us-east-1.amazonaws.com' },
      'Setting aws_endpoint: is not an address of this machine',
    ],
    [{ aws_endpoint: 'localhost' }, 'Setting aws_endpoint'],
    [
      {
        domain: 'otp.example.com',
        certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/x',
        hosted_zone_id: 'zone',
      },
      'Setting hosted_zone_id: is not the id of a hosted zone',
    ],
  ])('refuse %o with a sentence that names the setting', (given, sentence) => {
    expect(() => settings(given)).toThrow(sentence);
    expect(() => settings(given)).toThrow(/^Setting [a-z_]+(\.\w+)*: [^\n]+\.$/);
  });

  test('say what each is for', () => {
    for (const name of settingNames) {
      expect(
        Object.entries(settingsSchema.shape)
          .find(([key]) => key === name)?.[1]
          .meta()?.description,
      ).toMatch(/\.$/);
    }
  });
});

test('the README lists every setting of a stage', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  expect(settingNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

describe('a limit', () => {
  test.each([
    ['1000/1m', { max: 1000, windowSeconds: 60 }],
    ['5/30s', { max: 5, windowSeconds: 30 }],
    ['3/h', { max: 3, windowSeconds: 3600 }],
    ['1/2d', { max: 1, windowSeconds: 172_800 }],
  ])('%s is read', (text, limit) => {
    expect(parseLimit(text)).toEqual(limit);
  });

  test.each(['', '5', '5/', '/m', '-1/m', '5/0s', '1.5/m', '5/1w', '5/1m '])('“%s” is refused', (text) => {
    expect(() => parseLimit(text)).toThrow('is not a limit');
  });

  test('reaches the functions in the form that their configuration reads', () => {
    expect(limitsText(settings({ limits: 'validate=7/1m' }))).toBe('{"validate":{"max":7,"windowSeconds":60}}');
    expect(limitsText(settings({}))).toBeUndefined();
  });
});
