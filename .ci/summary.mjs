// Prints what failed, then `N passed, N failed`, from JSON reports of vitest and the number of failed steps; status 1 if anything failed.
import { readFileSync } from 'node:fs';
import path from 'node:path';

function readReport(file) {
  const text = readFileSync(file, 'utf8');
  return text === '' ? null : JSON.parse(text);
}

const reports = process.argv
  .slice(2)
  .map(readReport)
  .filter((report) => report !== null);
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const failedSteps = Number(process.env.FAILED_STEPS);
// A test file that cannot even be loaded has no tests that could fail.
const isBroken = (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed');
const failuresOf = (report) => report.numFailedTests + report.testResults.filter(isBroken).length;
const failedTests = sum(failuresOf);
const passedTests = sum((report) => report.numPassedTests);
const stepsWithFailedTests = reports.filter((report) => failuresOf(report) > 0).length;
// A step that failed for its tests is counted by these.
const failed = failedTests + Math.max(0, failedSteps - stepsWithFailedTests);
for (const file of reports.flatMap((report) => report.testResults)) {
  const named = file.assertionResults.filter((test) => test.status === 'failed').map((test) => [test.fullName, test.failureMessages[0]]);
  for (const [name, message] of isBroken(file) ? [['cannot be loaded', file.message]] : named)
    console.log(`failed: ${path.relative('.', file.name)}: ${name}\n${message}`);
}
console.log(`${passedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
