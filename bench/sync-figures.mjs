// Loaded with --import into each server that is measured, ours and the peers' alike, so that all
// are asked in the same way: answers its parent's questions with figures of this process.
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

/** Milliseconds that each function spent in itself, most first. */
async function stopProfile() {
  const { profile } = await profiler.post('Profiler.stop');
  profiler.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const own = new Map();
  profile.samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = nodes.get(id);
    const place = url ? ` ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}` : '';
    const name = `${functionName || '(anonymous)'}${place}`;
    own.set(name, (own.get(name) ?? 0) + profile.timeDeltas[i] / 1000);
  });
  return [...own].sort(([, a], [, b]) => b - a).map(([name, ms]) => ({ name, ms }));
}
