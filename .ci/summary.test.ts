import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../infra/testing/temporary-folder.ts';

const script = fileURLToPath(new URL('summary.mjs', import.meta.url));

/** The lines that are said of a report; of none where no test ran. */
function summaryOf(report?: object): string[] {
  const file = join(temporaryFolder(), 'report.json');
  if (report !== undefined) writeFileSync(file, JSON.stringify(report));
  return execFileSync(process.execPath, [script, file], { encoding: 'utf8' }).trimEnd().split('\n');
}

const passed = { status: 'passed', fullName: 'adds', failureMessages: [] };
const failed = { status: 'failed', fullName: 'divides', failureMessages: ['Error: by zero\n    at divide'] };

it('ends with the numbers of the tests that passed and failed', () => {
  const file = { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed] };
  expect(summaryOf({ success: true, numPassedTests: 1, numFailedTests: 0, testResults: [file] })).toEqual(['1 0']);
});

it('says of each test that failed which it is and why, in a line', () => {
  const file = { name: 'a.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] };
  expect(summaryOf({ success: false, numPassedTests: 1, numFailedTests: 1, testResults: [file] })).toEqual([
    'failed test: a.test.ts › divides: Error: by zero',
    '1 1',
  ]);
});

it('counts a file that fails as a whole, and a run that says no more than that it failed', () => {
  const file = {
    name: 'a.test.ts',
    status: 'failed',
    message: 'Error: no product\n    at setup',
    assertionResults: [],
  };
  expect(summaryOf({ success: false, numPassedTests: 4, numFailedTests: 0, testResults: [file] })).toEqual([
    'failed test: a.test.ts: Error: no product',
    '4 1',
  ]);
});

it('is nothing passed where there is no report', () => {
  expect(summaryOf()).toEqual(['0 0']);
});
