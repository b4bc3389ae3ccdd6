// Prints `N passed, N failed` from the JSON report of vitest and the number of failed steps; status 1 if anything failed.
import { readFileSync } from 'node:fs';

function readReport(file) {
  const text = readFileSync(file, 'utf8');
  return text === '' ? null : JSON.parse(text);
}

const report = readReport(process.argv[2]);
const failedSteps = Number(process.env.FAILED_STEPS);
// A test file that cannot even be loaded has no tests that could fail.
const brokenFiles = (report?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
const failedTests = (report?.numFailedTests ?? 0) + brokenFiles.length;
const failed = failedTests > 0 ? failedTests + failedSteps - 1 : failedSteps;
console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
