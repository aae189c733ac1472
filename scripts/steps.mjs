// The steps that `npm start`, `npm test` and the other commands share. They run on a clone without
// node_modules, so only Node's own modules may be used here.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const INSTALL_STAMP = path.join(ROOT, 'node_modules', '.installed');
const BUILD_STAMP = path.join(ROOT, 'dist', '.built');
const BUILT_FILES = [
  ...['server.js', 'trainer.js', 'device-probe.js', 'snapshot-check.js'],
  'client/index.html',
];
const SOURCES = ['client', 'migrations', 'scripts/build.mjs', 'server', 'shared'];
const SETTINGS = ['package-lock.json', 'tsconfig.json', 'client/tsconfig.json', 'vite.config.ts'];

/** Ends the process with a plain message where Node is older than package.json asks for. */
export function requireNode() {
  const { engines } = JSON.parse(read('package.json'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  console.error(
    `Training Canvas needs Node.js ${major}.${minor} or later; this is ${process.versions.node}. ` +
      'Please install a newer one from https://nodejs.org and try again.',
  );
  process.exit(1);
}

/** Installs what package-lock.json says, unless that is what is installed. */
export async function install() {
  const wanted = hashOf(['package-lock.json']);
  if (isStamped(INSTALL_STAMP, wanted)) return;
  await timed('install', () => npm(['ci', '--no-audit', '--no-fund']));
  writeFileSync(INSTALL_STAMP, wanted);
}

/** Builds page, server and trainer into dist/, unless they were built from the same sources. */
export async function build() {
  const wanted = hashOf([...SOURCES.flatMap(filesBelow), ...SETTINGS]);
  const isBuilt = BUILT_FILES.every((file) => existsSync(path.join(ROOT, 'dist', file)));
  if (isBuilt && isStamped(BUILD_STAMP, wanted)) return;
  await timed('build', () => node([path.join('scripts', 'build.mjs')]));
  writeFileSync(BUILD_STAMP, wanted);
}

/** Reads the variables of `.env`, where there is one; what is set already stays. */
export function loadEnvFile() {
  const file = path.join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * Runs a program of the project and passes signals on to it; resolves with its exit code. Not
 * `spawnSync`: that would leave the child alone when this process is asked to end.
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  const pass = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  const stopWatching = whenNpmEnds(() => pass('SIGTERM'));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    stopWatching();
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

/**
 * npm runs us through a shell, and passes signals on to that shell only, which ends without a word
 * to us. So we look whether it is still there. Returns the undo.
 */
function whenNpmEnds(react) {
  if (!process.env['npm_lifecycle_event']) return () => undefined;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    react();
  }, 500);
  return () => clearInterval(timer);
}

/** Runs Node with these arguments; ends this process with its exit code if that is not 0. */
export async function node(args, options) {
  await mustSucceed(run(process.execPath, args, options));
}

/** A task, and the line that says how long it took: `[build] 1.2 s`. */
export async function timed(name, task) {
  const startedAt = performance.now();
  console.log(`[${name}] ...`);
  const result = await task();
  console.log(`[${name}] ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

async function npm(args) {
  // Under `npm start` this is the npm that runs us; by hand it is the one on the path.
  const script = process.env['npm_execpath'];
  if (script) return node([script, ...args]);
  // On Windows npm is a batch file, which only a shell can run.
  await mustSucceed(run('npm', args, { shell: process.platform === 'win32' }));
}

async function mustSucceed(running) {
  const code = await running;
  if (code !== 0) process.exit(code);
}

function isStamped(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/** One hash over the names and contents of files, so that a mere new date builds nothing. */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files.sort())
    hash.update(`${file}\0`).update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

function filesBelow(source) {
  if (source.endsWith('.mjs')) return [source];
  return readdirSync(path.join(ROOT, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)));
}

function read(file) {
  return readFileSync(path.join(ROOT, file), 'utf8');
}
