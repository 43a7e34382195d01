import { expect, test } from 'vitest';
import { contracts } from '../shared/api/index.ts';
import { listRoutes } from './routes.ts';

test('npm run routes tells of every route where it is, who may call it, how often, and what its function may touch', () => {
  const rows = listRoutes();
  expect(rows.filter(({ route }) => route !== '–')).toHaveLength(contracts.length);
  expect(rows.find(({ route }) => route === 'POST /otp/validate')).toEqual({
    route: 'POST /otp/validate',
    file: 'functions/otp/validate-code.ts',
    who: 'user, key otp:validate',
    limit: 'validate 20/60s per user',
    grants: expect.stringMatching(/BatchGetItem .*SECRET#\*.* · opens otp/),
  });
});

test('npm run routes lists what no route leads to', () => {
  const unrouted = listRoutes().filter(({ route }) => route === '–');
  expect(unrouted.map(({ file }) => file)).toEqual([
    'functions/service/not-found.ts',
    'functions/stream/count-events.ts',
    'functions/keys/rotate.ts',
  ]);
});
