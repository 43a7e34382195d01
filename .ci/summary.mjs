/*
 * What a report of the tests says in the end: the sentence of each test and file that failed, and the numbers of those that passed and
 * failed on the last line. Plain JavaScript: it runs on whatever Node the machine has.
 */
import { existsSync, readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] };
const failing = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0 && status === 'failed') return [`${name}: ${message.split('\n', 1)}`];
  return tests.map((test) => `${name} › ${test.fullName}: ${test.failureMessages.join(' ').split('\n', 1)}`);
});
for (const line of failing) console.log(`failed test: ${line.replace(`${process.cwd()}/`, '')}`);

const failed = report.numFailedTests || (report.success === false ? 1 : 0);
console.log(report.numPassedTests ?? 0, failed);
