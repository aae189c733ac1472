// npm test [-- vitest's arguments]: set-up, all tests, and `N passed, N failed` as the last line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, install, requireNode, run } from './steps.mjs';

requireNode();
await install();
await build();

const folder = mkdtempSync(path.join(tmpdir(), 'training-canvas-report-'));
const report = path.join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)];
process.exitCode = await run(process.execPath, vitest);
const { passed, failed } = count(report);
rmSync(folder, { recursive: true, force: true });

// Vitest may end badly without a failed test: an error outside of tests, a crash, no report.
const atLeast = process.exitCode === 0 ? 0 : 1;
console.log(`${passed} passed, ${Math.max(failed, atLeast)} failed`);

function count(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  // A file that could not be loaded has failed, though none of its tests did.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length };
}
