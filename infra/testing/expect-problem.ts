import { expect } from 'vitest';
import { describeApi } from '../../shared/api/openapi.ts';
import { type ProblemCode, statusOf } from '../../shared/api/problems.ts';
import type { Contract } from '../../shared/api/route.ts';
import type { Answer } from '../local/testing.ts';

const described = describeApi({ server: '/' })['paths'];

/** The problems that the documentation of a route names. */
export function documentedProblems({ method, path }: Contract): ReadonlySet<string> {
  const text = JSON.stringify(Reflect.get(Reflect.get(Object(described), path), method.toLowerCase()));
  return new Set([...text.matchAll(/#\/components\/examples\/(\w+)/g)].map(([, code = '']) => code));
}

// What no client may see: a stack trace, a file of ours, a name of AWS or of a table.
const inside =
  /\bat [\w.<>]+ \(|node:internal|node_modules|\.m?[jt]s:\d|arn:aws|dynamodb|otp-(standard|generous)|ValidationException|ZodError/i;

/** Holds that an answer is the problem `code`, in the form that SPEC §3 gives every problem, and one that the route documents. */
export function expectProblem(contract: Contract | undefined, answer: Answer, code: ProblemCode): void {
  const { status, headers, body, text } = answer;
  expect([status, body?.code], text.slice(0, 300)).toEqual([statusOf(code), code]);
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/./),
  });
  expect(body).toEqual({
    type: expect.stringMatching(/^https:\/\/.+/),
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/^[A-Z].+\.$/s),
    code,
    request_id: headers['x-request-id'],
    ...(body.errors !== undefined && {
      errors: body.errors.map(() => ({ path: expect.stringMatching(/./), message: expect.stringMatching(/./) })),
    }),
  });
  expect(text).not.toMatch(inside);
  // A page of another origin reads nothing (SECURITY 26): no origin is allowed until the stage names one.
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  if (status === 401) expect(headers['www-authenticate']).toBe('Bearer');
  if ([423, 429, 503].includes(status)) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  if (contract !== undefined) expect(documentedProblems(contract)).toContain(code);
}
