// npm run check: everything a change must pass. All checks run, then the failed ones are named.
// `npm run check -- --fast` leaves the tests out.
import { install, requireNode, run } from './steps.mjs';

const CHECKS = {
  format: ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  lint: ['eslint/bin/eslint.js', '.'],
  // Its parser does not know `text-wrap` yet.
  templates: ['lit-analyzer/cli.js', 'client', '--quiet', '--rules.no-invalid-css', 'off'],
  'types: server': ['typescript/bin/tsc', '-p', '.'],
  'types: shared': ['typescript/bin/tsc', '-p', 'shared'],
  'types: client': ['typescript/bin/tsc', '-p', 'client'],
  'unused code': ['knip/bin/knip.js'],
};

requireNode();
await install();
const passed = [];
const failed = [];
for (const [name, [script, ...args]] of Object.entries(CHECKS))
  await check(name, [`node_modules/${script}`, ...args]);
if (!process.argv.includes('--fast')) await check('tests', ['scripts/test.mjs']);
if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`);
console.log(`${passed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function check(name, args) {
  const startedAt = performance.now();
  const code = await run(process.execPath, args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`[${name}] ${code === 0 ? 'passed' : 'FAILED'}, ${seconds} s`);
  (code === 0 ? passed : failed).push(name);
}
