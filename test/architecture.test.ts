import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from './support/project-root.ts';

/**
 * Which folders, files and packages each folder may import. What is not listed is forbidden; a file
 * with an entry of its own follows that one. `server/` and `client/` are listed folder by folder, so
 * that a new folder needs its own line here.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared', 'zod', 'yjs', 'lib0'],

  'server/domain': ['shared', 'server/domain', 'zod', 'node:crypto'],
  'server/ml': ['shared', 'server/ml', 'onnx-buf', '@bufbuild/protobuf'],
  'server/sync': [
    ...['shared', 'server/domain', 'server/sync'],
    ...['yjs', 'y-protocols', 'lib0', 'ws', 'zod', 'node:http', 'node:stream', 'node:crypto'],
    // Large snapshots are checked off the main thread.
    'node:worker_threads',
  ],
  'server/http': [
    ...['shared', 'server/domain', 'server/http', 'server/logger.ts', 'node:http', 'node:path'],
    ...['express', 'express-session', 'connect-pg-simple', 'pg', 'helmet', 'compression'],
    ...['pino-http', 'rate-limiter-flexible', 'zod', 'node:stream'],
    ...['node:events', 'node:net', 'node:crypto'],
  ],
  'server/metrics': ['server/metrics', 'server/sync', 'prom-client'],
  'server/realtime': [
    ...['shared', 'server/domain', 'server/realtime', 'server/logger.ts'],
    ...['socket.io', 'zod', 'node:http'],
  ],
  'server/store': [
    ...['shared', 'server/domain', 'server/store', 'server/sync/canvas-log.ts', 'migrations'],
    ...['server/logger.ts', 'sequelize', 'umzug', 'pg', 'zod', 'node:'],
  ],
  'server/blobs': [
    ...['shared', 'server/domain', 'server/blobs', '@azure/storage-blob', 'fast-png', 'node:'],
  ],
  'server/images': ['shared', 'server/images', 'fast-png'],
  'server/inference': [
    ...['shared', 'server/domain', 'server/ml', 'server/inference', 'onnxruntime-node', 'zod'],
    ...['node:crypto', 'node:fs', 'node:path', 'node:timers'],
  ],
  'server/training': [
    ...['shared', 'server/domain', 'server/ml', 'server/inference', 'server/training'],
    ...['server/logger.ts', 'onnxruntime-node', 'zod', 'node:'],
  ],
  'server/host': ['server/host', 'zod', 'node:'],
  'server/config.ts': ['zod', 'node:os'],
  'server/logger.ts': ['pino'],
  'server/paths.ts': ['node:'],
  // The composition roots know everybody.
  'server/app.ts': ['shared', 'server', 'node:'],
  'server/storage.ts': ['server', 'node:'],
  'server/trainer.ts': ['shared', 'server', 'node:crypto', 'node:path'],
  'server/health.ts': ['shared', 'server'],
  'server/access-changes.ts': ['server'],
  'server/sweeping.ts': ['server/domain', 'server/logger.ts'],
  'server/training-schedule.ts': ['server/domain', 'server/logger.ts'],
  'server/main.ts': ['server', 'shared', 'node:'],
  'server/training/main.ts': ['server', 'shared', 'node:'],

  'client/drawing': ['shared', 'client/drawing', 'perfect-freehand'],
  'client/services': [
    ...['shared', 'client/services', 'socket.io-client', 'y-websocket', 'y-protocols'],
    ...['y-indexeddb', 'yjs', 'lib0', 'zod'],
  ],
  'client/styles': ['client/styles', 'lit'],
  'client/icons': ['client/icons', '@awesome.me/webawesome'],
  'client/contexts.ts': ['shared', 'client/services', 'client/drawing', '@lit/context'],
  'client/controllers': [
    ...['shared', 'client/controllers', 'client/services', 'client/drawing', 'client/contexts.ts'],
    ...['client/elements', 'lit', '@lit/context'],
  ],
  'client/elements': [
    ...['shared', 'client/elements', 'client/controllers', 'client/contexts.ts', 'client/icons'],
    ...['client/drawing', 'client/styles', 'client/services'],
    ...['lit', '@lit/context', '@awesome.me/webawesome'],
  ],
  'client/main.ts': ['client', 'shared', '@fontsource-variable', '@lit/context', 'lit'],

  migrations: ['migrations', 'sequelize'],
};

const IMPORT = /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm;

describe('what may import what', () => {
  const files = ['shared', 'server', 'client', 'migrations'].flatMap(sourcesBelow);

  test('every arrow is one of the table', () => {
    expect(files.flatMap(forbiddenImports)).toEqual([]);
  });

  test('the table names no folder that is gone', () => {
    const gone = Object.keys(ALLOWED).filter((rule) => !files.some((file) => isBelow(file, rule)));
    expect(gone).toEqual([]);
  });

  test('an element asks services, it does not fetch or open sockets', () => {
    const elements = files.filter((file) => isBelow(file, 'client/elements'));
    expect(elements.filter((file) => /\bfetch\(|new WebSocket\(/.test(read(file)))).toEqual([]);
  });
});

describe('who may read the environment', () => {
  test('is the entry of a process, and the configuration', () => {
    const readers = ['shared', 'server', 'client', 'migrations']
      .flatMap(sourcesBelow)
      .filter((file) => /\bprocess\.env\b/.test(read(file)));
    const entries = ['server/main.ts', 'server/training/main.ts', 'server/config.ts'];
    // What PostgreSQL is run with: where the machine has it, and the rest as it is.
    const machine = ['server/store/postgres-account.ts', 'server/store/postgres-binaries.ts'];
    const allowed = [...entries, ...machine];
    expect(readers.filter((file) => !allowed.includes(file))).toEqual([]);
  });
});

describe('what Yjs documents are made of', () => {
  test('is named in shared/canvas-doc.ts and nowhere else', () => {
    const namers = ['shared', 'server', 'client']
      .flatMap(sourcesBelow)
      .filter((file) => /\.get(Map|Array|Text)\(/.test(read(file)));
    expect(namers).toEqual(['shared/canvas-doc.ts']);
  });
});

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/test-support\//.test(file));
}

function forbiddenImports(file: string): string[] {
  const rule = ruleOf(file);
  if (!rule) return [`${file}: its folder has no line in the table`];
  return [...read(file).matchAll(IMPORT)]
    .map(([, specifier = '']) => targetOf(file, specifier))
    .filter((target) => !rule.some((allowed) => isBelow(target, allowed)))
    .map((target) => `${file} -> ${target}`);
}

/** The longest entry of the table that the file is below. */
function ruleOf(file: string): readonly string[] | undefined {
  const matching = Object.keys(ALLOWED).filter((entry) => isBelow(file, entry));
  const [closest] = matching.sort((a, b) => b.length - a.length);
  return closest === undefined ? undefined : ALLOWED[closest];
}

/** A path from the project's root, or the package as it is written. */
function targetOf(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}

function isBelow(target: string, allowed: string): boolean {
  const isPrefix = allowed.endsWith(':') && target.startsWith(allowed);
  return isPrefix || target === allowed || target.startsWith(`${allowed}/`);
}

function read(file: string): string {
  return readFileSync(join(PROJECT_ROOT, file), 'utf8');
}
