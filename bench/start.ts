import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '../test/support/project-root.ts';

/**
 * `npm run bench -- start`: seconds from `npm start` on a fresh clone of what is committed to the
 * first page, and the same for the second start.
 */
interface Start {
  /** Of each step that printed its time: install, build, database, listening. */
  readonly steps: Readonly<Record<string, number>>;
  readonly firstPage: number;
}

const STEP = /\[(\w+)\] (\d+(?:\.\d+)?) s/;
const ADDRESS = /Open (http:\/\/\S+)/;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'training-canvas-start-'));
  const clone = join(folder, 'clone');
  try {
    await git(['clone', '--quiet', '--no-hardlinks', PROJECT_ROOT, clone]);
    const first = await start(clone);
    const second = await start(clone);
    report(first, second);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function git(args: readonly string[]): Promise<void> {
  const [code] = (await once(spawn('git', args, { stdio: 'inherit' }), 'exit')) as [number];
  if (code !== 0) throw new Error(`git ${args.join(' ')} failed`);
}

/** Runs `npm start` until its first page has arrived, then ends it as Ctrl+C does. */
async function start(clone: string): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...process.env, PORT: String(await freePort()), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Its output closes when the last of its processes is gone, the server included.
  const ended = once(child, 'close');
  const steps: Record<string, number> = {};
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, step, seconds] = STEP.exec(line) ?? [];
      if (step) steps[step] = Number(seconds);
      const address = ADDRESS.exec(line)?.[1];
      if (!address) continue;
      const page = await (await fetch(address)).text();
      if (!page.includes('<title>Training Canvas</title>'))
        throw new Error('The first page is not the application.');
      return { steps, firstPage: rounded((performance.now() - startedAt) / 1000) };
    }
    throw new Error('npm start ended before it printed an address.');
  } finally {
    child.kill('SIGTERM');
    child.stdout.resume();
    await ended;
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

function report(first: Start, second: Start): void {
  console.table({
    first: { ...first.steps, firstPage: first.firstPage },
    second: { ...second.steps, firstPage: second.firstPage },
  });
  console.log(JSON.stringify({ bench: 'start', unit: 'seconds', first, second }));
}

await main();
