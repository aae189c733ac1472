import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { readConfig } from '../server/config.ts';
import { Closers } from '../server/host/closers.ts';
import { createLogger } from '../server/logger.ts';
import { openStorage } from '../server/storage.ts';
import { createHub } from '../server/sync/hub.ts';

/**
 * Our hub as the benchmark measures it: a process of its own with the log of canvases in
 * PostgreSQL. Who asks is believed, `?participant=<uuid>`; all else is as in the product.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.LOG_LEVEL);
  const storage = await openStorage(config, { logger, closers: new Closers() });
  const hub = createHub({
    log: storage.canvasLog,
    logger,
    unloadAfterMs: config.UNLOAD_AFTER_MS,
    sealSecret: randomUUID(),
    // A few connections play many people: the checks are made, but refuse nothing.
    traffic: { messagesPerSecond: 1e6, messagesAtOnce: 1e6, bytesPerSecond: 1e9, bytesAtOnce: 1e9 },
    maxConnectionsPerRoom: 5_000,
    authorise: async (request) => {
      const { searchParams } = new URL(request.url ?? '', 'http://hub');
      // A string of its own, as a database gives it: a slice would keep the whole address.
      const participantId = Buffer.from(searchParams.get('participant') ?? '').toString();
      return { ok: true, participantId, role: 'contributor' };
    },
  });
  const server = createServer();
  server.on('upgrade', hub.handleUpgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.on('message', (question) => {
    const { id, ask } = question as { id: number; ask: string };
    if (ask === 'metrics') process.send?.({ id, value: hub.metrics() });
  });
  const { port } = server.address() as AddressInfo;
  const rooms = await createCanvases(Number(process.env['ROOMS'] ?? 1));
  process.send?.({ url: `ws://127.0.0.1:${port}/sync`, rooms });

  async function createCanvases(count: number): Promise<string[]> {
    const { projects, canvases } = storage.stores;
    const canvas = { name: 'Bench', mode: 'free' } as const;
    const owner = { ownerId: null, ownerToken: randomUUID() };
    const project = { name: 'Bench', isPlayground: false, ...owner, canvas };
    const { id: projectId } = await projects.create(project);
    const ids: string[] = [];
    while (ids.length < count) ids.push((await canvases.create({ projectId, ...canvas })).id);
    return ids;
  }
}

await main();
