// npm run dev: the server as `npm start` runs it; page and server are built anew on every change,
// and the server is started again when its code has changed.
import { spawn } from 'node:child_process';
import { install, loadEnvFile, requireNode, ROOT } from './steps.mjs';

requireNode();
loadEnvFile();
await install();
process.chdir(ROOT);
const { context } = await import('esbuild');
const { build: buildPage } = await import('vite');
const { BUNDLES } = await import('./bundles.mjs');

let server = null;
let isEnding = false;
/** Restarts wait for each other: the next server needs the port and the data folder. */
let restarts = Promise.resolve();

const page = await buildPage({ logLevel: 'info', build: { watch: {} } });
const bundles = await context({
  ...BUNDLES,
  plugins: [{ name: 'restart', setup: ({ onEnd }) => onEnd(restartUnlessBroken) }],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
await bundles.watch();

function restartUnlessBroken({ errors }) {
  if (errors.length > 0 || isEnding) return;
  restarts = restarts.then(stopServer).then(startServer);
}

function startServer() {
  if (isEnding) return;
  console.log('[dev] starting the server');
  server = spawn(process.execPath, ['--enable-source-maps', 'dist/server.js'], {
    stdio: 'inherit',
  });
}

async function stopServer() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await exited;
}

async function end() {
  if (isEnding) return;
  isEnding = true;
  await Promise.all([bundles.dispose(), page.close(), restarts.then(stopServer)]);
  process.exit(0);
}
