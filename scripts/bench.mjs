// npm run bench -- <name>: runs bench/<name>.ts, which ends with one line of JSON.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, install, requireNode, ROOT, run } from './steps.mjs';

const [name, ...args] = process.argv.slice(2);
const entry = path.join('bench', `${name}.ts`);

requireNode();
if (!name || !existsSync(path.join(ROOT, entry))) {
  console.error('Usage: npm run bench -- start|predict|learn|unknown|sync');
  process.exit(1);
}
await install();
// `start` measures the build of a clone of its own.
if (name !== 'start') await build();
process.exitCode = await run(process.execPath, ['--import', 'tsx', entry, ...args]);
