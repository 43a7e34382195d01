import { describe, expect, it } from 'vitest';
import { contracts } from '../../shared/api/index.ts';
import { readBenchOptions } from './bench-options.ts';
import { budgetOf, budgets } from './budgets.ts';
import { costOf } from './cost.ts';
import { countFaults } from './counts.ts';
import { cpuFaults } from './cpu.ts';
import { type Asked, callsOf, overBudget } from './endpoints.ts';
import { formatTable } from './format-table.ts';
import { importFaults } from './import-time.ts';
import { measured } from './measure-all.ts';
import { overviewOf } from './overview.ts';
import { roundTripsOf } from './round-trips.ts';
import { scenarios } from './scenarios.ts';
import { ratioOf, spreadOf } from './spread.ts';
import { verdictOf } from './verdict.ts';

const asked = (over: Partial<Asked> = {}): Asked => ({
  calls: 2,
  roundTrips: 2,
  kms: 0,
  readUnits: 5,
  writeUnits: 8,
  ms: 10,
  ...over,
});

const endpoint = (operation: string, warm: Asked, rested = warm) => ({
  operation,
  variant: '',
  budget: budgetOf(operation).roundTrips,
  cold: undefined,
  warm,
  rested,
});

const spread = (median: number) => ({ median, low: median, high: median, least: median, runs: 1 });

describe('npm run bench', () => {
  it('puts all that was measured of an endpoint into one row, and a dash where nothing was', () => {
    const { texts } = overviewOf({
      endpoints: [endpoint('otp/validate-code', asked()), endpoint('users/read-me', asked({ roundTrips: 1 }))],
      sizes: [{ operation: 'otp/validate-code', bytes: 349_094 }],
      imports: [
        {
          operation: 'otp/validate-code',
          cpuMs: spread(135),
          wallMs: spread(112),
          cpuRatio: spread(1.42),
          wallRatio: spread(1.5),
        },
      ],
      cpu: [{ operation: 'otp/validate-code', cpuMs: spread(2.78), ratio: 1.4, ratios: spread(1.4) }],
    });
    const [, , validate, me] = texts.join().split('\n');
    expect(validate?.split(/ +/).slice(1)).toEqual([
      'otp/validate-code',
      '2',
      '5',
      '8',
      '0',
      '349.1',
      '135',
      '1.42',
      '2.78',
      '1.40',
    ]);
    expect(me?.split(/ +/).slice(1)).toEqual(['users/read-me', '1', '5', '8', '0', '–', '–', '–', '–', '–']);
  });
});

describe('npm run bench -- --check', () => {
  const over = {
    'a round trip too many to validate': overBudget(endpoint('otp/validate-code', asked({ roundTrips: 3 }), asked())),
    'a round trip too many elsewhere': overBudget(endpoint('users/read-me', asked({ roundTrips: 4 }), asked())),
    'a round trip too many after a pause': overBudget(endpoint('users/read-me', asked(), asked({ roundTrips: 4 }))),
    'a call to KMS of a warm generate': overBudget(endpoint('otp/generate-code', asked({ kms: 1 }))),
    'an import that is too slow': importFaults([{ operation: 'otp/validate-code', cpuRatio: spread(1.51) }]),
    'too much CPU': cpuFaults([{ operation: 'otp/validate-code', cpuMs: spread(1), ratio: 1.51, ratios: spread(1) }]),
    'statistics that grow dearer': countFaults([{ path: '/otp/stats', units: [1, 1, 2] }]),
    'statistics that nobody could read': countFaults([{ path: '/otp/stats', units: [] }]),
    'a ratio of nothing': cpuFaults([
      { operation: 'otp/validate-code', cpuMs: spread(1), ratio: Number.NaN, ratios: spread(Number.NaN) },
    ]),
  };

  it.each(Object.entries(over))('fails for %s', (_, faults) => {
    expect(faults).toHaveLength(1);
    expect(verdictOf([{ faults: [] }, { faults }], { check: true })).toMatchObject({ faults, exitCode: 1 });
    expect(verdictOf([{ faults }], { check: true }).text).toContain(faults[0]);
  });

  it('fails for what cannot be measured, and for nothing measured at all', async () => {
    const { section } = await measured('cpu', () => Promise.reject(new Error('no bundle')));
    expect(verdictOf([section], { check: true })).toMatchObject({
      faults: ['cpu cannot be measured: no bundle'],
      exitCode: 1,
    });
    expect(verdictOf([], { check: true }).exitCode).toBe(1);
  });

  it('passes within budget, and without --check only reports', () => {
    const within = [
      ...overBudget(endpoint('otp/validate-code', asked())),
      ...overBudget(endpoint('token/create-token', asked({ roundTrips: 3, kms: 2 }))),
      ...importFaults([{ operation: 'otp/validate-code', cpuRatio: spread(budgets.importRatio) }]),
      ...countFaults([{ path: '/otp/stats', units: [1, 1, 1] }]),
    ];
    expect(verdictOf([{ faults: within }], { check: true })).toEqual({
      faults: [],
      text: 'All within budget.',
      exitCode: 0,
    });
    expect(verdictOf([{ faults: ['over'] }], { check: false }).exitCode).toBe(0);
  });
});

describe('budgets', () => {
  it('give two round trips to codes, three to all else, and three for each hundred items', () => {
    expect(budgetOf('otp/validate-code')).toEqual({ roundTrips: 2, kms: 0 });
    expect(budgetOf('otp/generate-code')).toEqual({ roundTrips: 2, kms: 0 });
    expect(budgetOf('users/read-me').roundTrips).toBe(3);
    expect(budgetOf('otp/bulk-generate-codes', 100).roundTrips).toBe(3);
    expect(budgetOf('otp/import-configs', 200).roundTrips).toBe(6);
  });
});

describe('scenarios', () => {
  it('are there for each endpoint, and for nothing else', () => {
    expect(Object.keys(scenarios).sort()).toEqual(contracts.map(({ operation }) => operation).sort());
    for (const [operation, list] of Object.entries(scenarios)) expect(list.length, operation).toBeGreaterThan(0);
  });
});

describe('roundTripsOf', () => {
  const call = (started_ms: number, ms: number, service = 'dynamodb') => ({ service, started_ms, ms });

  it('counts calls that were under way at once as one, and those one after another each', () => {
    expect(roundTripsOf([])).toBe(0);
    expect(roundTripsOf([call(0, 5), call(1, 8), call(6, 2)])).toBe(1);
    expect(roundTripsOf([call(0, 5), call(5, 5), call(11, 1)])).toBe(3);
  });

  it('does not mind the order in which calls ended, nor other services', () => {
    expect(roundTripsOf([call(6, 2), call(0, 5)])).toBe(2);
    expect(roundTripsOf([call(0, 5), call(10, 5, 'kms')])).toBe(1);
  });
});

describe('callsOf', () => {
  it('leaves out a request that is under way', async () => {
    const request = { dynamodb: 1, kms: 0, read_units: 2, write_units: 3, calls: [] };
    const ask = async () => ({
      status: 200,
      headers: {},
      body: { requests: [{ ...request, ms: 7 }, request] },
      text: '',
      requestId: '',
    });
    expect(await callsOf({ product: { ask } }, 'stream/count-events')).toEqual([
      { calls: 1, roundTrips: 0, kms: 0, readUnits: 2, writeUnits: 3, ms: 7 },
    ]);
  });
});

describe('spreads', () => {
  it('give the middle, the quarters and the least', () => {
    expect(spreadOf([4, 1, 3, 2, 5])).toEqual({ median: 3, low: 2, high: 4, least: 1, runs: 5 });
  });

  it('compare each sample with the one beside it, so that a slow moment cancels out', () => {
    expect(ratioOf([2, 20, 2], [1, 10, 1])).toMatchObject({ median: 2, low: 2, high: 2 });
    expect(() => ratioOf([1], [])).toThrow();
    expect(() => spreadOf([])).toThrow();
  });
});

describe('costOf', () => {
  it('adds up what a million requests cost at list prices', () => {
    const counting = { readUnits: 0, writeUnits: 1, ms: 0 };
    const cost = costOf({ readUnits: 8, writeUnits: 7, kms: 1, ms: 100, memoryMb: 1024, logBytes: 1000, counting });
    expect(cost['HTTP API']).toBeCloseTo(1);
    expect(cost.DynamoDB).toBeCloseTo(8 * 0.125 + 8 * 0.625);
    expect(cost.Lambda).toBeCloseTo(0.2 + 0.1 * 13.3334);
    expect(cost.KMS).toBeCloseTo(3);
    expect(cost.logs).toBeCloseTo(0.5);
    expect(cost.total).toBeCloseTo(1 + 6 + 0.2 + 1.33334 + 3 + 0.5);
  });
});

describe('formatTable', () => {
  it('sets numbers to the right, text to the left, and a dash where there is nothing', () => {
    const rows = [
      ['validate', 2, '$1.50'],
      ['a', 10.126, ''],
    ];
    expect(formatTable(['name', 'trips', 'cost'], rows).split('\n')).toEqual([
      '  name      trips   cost',
      '  ────────  ─────  ─────',
      '  validate      2  $1.50',
      '  a         10.13      –',
    ]);
  });
});

describe('readBenchOptions', () => {
  it('measures everything but load, which is asked for', () => {
    expect([...readBenchOptions([]).parts]).toEqual(['import', 'bundles', 'cpu', 'endpoints', 'counts', 'cost']);
    expect(readBenchOptions(['--load']).parts.has('load')).toBe(true);
    expect(readBenchOptions(['--check'])).toMatchObject({ check: true, full: false, seconds: 3 });
  });

  it('adds what the cost is made of', () => {
    expect([...readBenchOptions(['--only', 'cost']).parts].sort()).toEqual(['cost', 'counts', 'endpoints']);
    expect([...readBenchOptions(['--only', 'import']).parts]).toEqual(['import']);
  });

  it.each([[['--only', 'speed']], [['--seconds', '0']], [['--fast']]])('refuses %s in a sentence', (args) => {
    expect(() => readBenchOptions(args)).toThrow(/speed|seconds|fast/);
  });
});
