// Loaded with --import into each server that is measured, ours and the peers' alike, so that all
// are asked in the same way: answers its parent's questions with figures of this process.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';

const profiler = new Session();

const ANSWERS = { usage, collect, startProfile, stopProfile };

process.on('message', ({ id, ask }) => {
  const answer = ANSWERS[ask];
  if (answer) void Promise.resolve(answer()).then((value) => process.send({ id, value }));
});
process.on('disconnect', () => process.exit());

/** CPU seconds of all threads since the start, and bytes of memory. */
function usage() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: rss, heapBytes: heapUsed + external };
}

/** The same after the garbage is gone, as far as the engine lets it go. */
async function collect() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await pause(100);
  }
  return usage();
}

async function startProfile() {
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.setSamplingInterval', { interval: 250 });
  await profiler.post('Profiler.start');
  return null;
}

/** What is no function of the server: waiting, and the profiler itself. */
const NOT_THE_SERVER = ['(idle)', 'dispatch'];

/** Milliseconds that each function spent in itself, most first. */
async function stopProfile() {
  const { profile } = await profiler.post('Profiler.stop');
  profiler.disconnect();
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const own = new Map();
  profile.samples.forEach((id, i) => {
    const name = names.get(id);
    own.set(name, (own.get(name) ?? 0) + profile.timeDeltas[i] / 1000);
  });
  for (const name of NOT_THE_SERVER) own.delete(name);
  return [...own].sort(([, a], [, b]) => b - a).map(([name, ms]) => ({ name, ms }));
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (!url) return name;
  const source = url.endsWith('/entry.mjs') ? sourceInBundle(url, lineNumber) : null;
  return `${name} ${source ?? url.split('/').slice(-3).join('/')}:${lineNumber + 1}`;
}

/** esbuild writes above each module of a bundle which file it was. */
function sourceInBundle(url, lineNumber) {
  const lines = readFileSync(new URL(url), 'utf8')
    .split('\n')
    .slice(0, lineNumber + 1);
  return lines.findLast((line) => /^\/\/ \S+\.ts$/.test(line))?.slice(3) ?? null;
}
