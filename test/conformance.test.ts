import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CanvasDoc } from '../shared/canvas-doc.ts';
import { addStroke, openCanvasDoc } from '../shared/canvas-doc.ts';
import { isBrowserExpected } from './support/browser.ts';
import { buildInk } from './support/build-ink.ts';
import { eventually } from './support/eventually.ts';
import { buildFrame } from './support/hub-guests.ts';
import { MemoryCanvasLog } from './support/memory-canvas-log.ts';
import type { RunningHub } from './support/start-hub.ts';
import { startHub } from './support/start-hub.ts';
import type { StockPage, StockVisit } from './support/stock-pages.ts';
import { StockPages } from './support/stock-pages.ts';
import { SyncConnection } from './support/sync-connection.ts';

const CUTS = `JSON.stringify([...doc.getMap('cuts').keys()].sort())`;

/** Waits in the browser for what y-indexeddb is writing: a transaction waits for those before it. */
const WRITTEN = `new Promise((done) => {
  copy.db.transaction('updates').objectStore('updates').count().onsuccess = () => done();
})`;

/** As the stock packages are used: an entry that everybody may write. */
function cut(name: string): string {
  return `void doc.getMap('cuts').set('${name}:e', [[0, 1]])`;
}

describe.runIf(isBrowserExpected())('the stock y-websocket and y-indexeddb in a browser', () => {
  let stock: StockPages;
  let log: MemoryCanvasLog;
  let hub: RunningHub;
  let canvasId: string;
  let pages: StockPage[];

  beforeAll(async () => {
    stock = await StockPages.open();
  });
  afterAll(() => stock.close());
  beforeEach(async () => {
    [log, canvasId, pages] = [new MemoryCanvasLog(), randomUUID(), []];
    hub = await startHub({ log });
  });
  afterEach(async () => {
    for (const { page } of pages) await page.context().close();
    await hub.stop();
  });

  async function open(participant: string, more: Partial<StockVisit> = {}): Promise<StockPage> {
    const page = await stock.page();
    pages.push(page);
    await page.start({ url: hub.url, canvasId, participant, ...more });
    return page;
  }

  async function expectCuts(page: StockPage, names: readonly string[]): Promise<void> {
    const keys = JSON.stringify(names.map((name) => `${name}:e`));
    await eventually(async () => expect(await page.run(CUTS)).toBe(keys));
  }

  async function synced(page: StockPage): Promise<void> {
    await eventually(async () => expect(await page.run('provider.synced')).toBe(true));
  }

  /** Somebody with the message types of our own. */
  async function comeWithExtras(): Promise<{ line: SyncConnection; canvas: CanvasDoc }> {
    const line = new SyncConnection(hub.origin, canvasId, 'participant=cleo&role=contributor');
    await eventually(() => expect(line.isSynced).toBe(true));
    return { line, canvas: openCanvasDoc(line.doc) };
  }

  test('share one document with each other and with our own clients, and hear nothing else', async () => {
    const [ann, ben] = [await open('ann'), await open('ben')];
    const { line, canvas } = await comeWithExtras();
    await ann.run(cut('ann'));
    await ben.run(cut('ben'));
    line.sendLiveFrame(buildFrame([0, 1]));
    addStroke(canvas, { id: 'c', sketchId: 's', ink: buildInk('cleo') }, null);
    canvas.cuts.set('cleo:e', [[0, 1]]);
    for (const page of [ann, ben]) {
      await expectCuts(page, ['ann', 'ben', 'cleo']);
      expect(await page.run(`doc.getMap('ink').has('c')`)).toBe(true);
    }
    await eventually(() => expect([...canvas.cuts.keys()]).toHaveLength(3));
    await eventually(() => expect(line.isSaved).toBe(true));
    line.terminate();
    // y-websocket complains of message types that it does not know.
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
  });

  test('show who is there, and who has left', async () => {
    const [ann, ben] = [await open('ann'), await open('ben')];
    await synced(ann);
    await ann.run(`provider.awareness.setLocalStateField('nickname', 'Ann')`);
    const id = await ann.run<number>('doc.clientID');
    const seen = `provider.awareness.getStates().get(${id})?.nickname ?? null`;
    await eventually(async () => expect(await ben.run(seen)).toBe('Ann'));
    await ann.run('provider.destroy()');
    await eventually(async () => expect(await ben.run(seen)).toBeNull());
  });

  test('come back after a lost connection, with what was drawn meanwhile', async () => {
    const [ann, ben] = [await open('ann'), await open('ben')];
    await synced(ann);
    await ann.run('provider.disconnect()');
    await ann.run(cut('offline'));
    await ben.run(cut('meanwhile'));
    await ann.run('provider.connect()');
    for (const page of [ann, ben]) await expectCuts(page, ['meanwhile', 'offline']);
  });

  test('keep what was drawn offline over a reload, and send it then', async () => {
    const visit = { database: `copy of ${canvasId}` };
    const ann = await open('ann', visit);
    await synced(ann);
    await ann.run(cut('online'));
    await eventually(() => expect(log.rows).not.toHaveLength(0));
    await ann.run('provider.disconnect()');
    await ann.run(cut('offline'));
    await ann.run(WRITTEN);
    await ann.reload();
    const ben = await open('ben');
    await expectCuts(ben, ['online']);
    await ann.start({ url: hub.url, canvasId, participant: 'ann', ...visit });
    for (const page of [ann, ben]) await expectCuts(page, ['offline', 'online']);
  });

  describe('take a close', () => {
    test.each([
      { why: '4404: the canvas is gone', code: 4_404, participant: 'ann', isGone: true },
      { why: '4403: not allowed', code: 4_403, participant: 'nobody', isGone: false },
    ])('$why, as final', async ({ code, participant, isGone }) => {
      if (isGone) log.unknown.add(canvasId);
      const page = await open(participant);
      await eventually(async () => expect(await page.run('closes[0]')).toBe(code));
      expect(await page.run('provider.shouldConnect')).toBe(false);
    });

    test('4400: a malformed message, as final', async () => {
      const page = await open('ann');
      await synced(page);
      await page.run('provider.ws.send(new Uint8Array([77, 77]))');
      await eventually(async () => expect(await page.run('closes[0]')).toBe(4_400));
      expect(await page.run('provider.shouldConnect')).toBe(false);
    });

    test('4503: not ready, as a reason to come again', async () => {
      log.failure = new Error('The database is away');
      const page = await open('ann');
      await eventually(async () => expect(await page.run('closes[0]')).toBe(4_503));
      expect(await page.run('provider.shouldConnect')).toBe(true);
      log.failure = null;
      await synced(page);
    });
  });
});
