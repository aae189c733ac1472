// npm start: from a fresh clone to a running server, doing only what is not done yet.
import { build, install, loadEnvFile, requireNode, run } from './steps.mjs';

requireNode();
loadEnvFile();
await install();
await build();
process.exitCode = await run(process.execPath, [
  '--enable-source-maps',
  'dist/server.js',
  ...process.argv.slice(2),
]);
