import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isBrowserExpected, launchBrowser } from './support/browser.ts';
import type { OwnCanvas } from './support/canvas-visitor.ts';
import { CanvasVisitor, ownCanvas, strokesOnServer } from './support/canvas-visitor.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';

/** Nothing is learnt here, and a server without them is there sooner. */
const WITHOUT_TRAINERS = { TRAINER: 'none' };

let browser: Browser;
let server: ServerProcess;
let dataDir: string;
let removeData: () => Promise<void>;
let place: OwnCanvas;
let ann: CanvasVisitor;

/** What a person's browser keeps while there is no server, and what becomes of it. */
describe.runIf(isBrowserExpected())('a canvas without its server', () => {
  beforeAll(async () => {
    const data = await temporaryDataDir();
    dataDir = data.dir;
    removeData = data.remove;
    browser = await launchBrowser();
    server = await startServer({ dataDir, env: WITHOUT_TRAINERS });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await removeData();
  });

  beforeEach(async () => {
    place = await ownCanvas(server.url, 'Offline');
    ann = await CanvasVisitor.arrive(browser, place.owner);
    await ann.opens(address());
    await ann.seesState('Saved');
  });

  afterEach(async () => {
    expect(ann.faults).toEqual([]);
    await ann.leaves();
  });

  test('takes changes, counts them, and saves each once when the server is back', async () => {
    await ann.draws(0);
    await ann.seesState('Saved');
    await server.stop();
    await ann.seesState('Offline');
    await ann.draws(1);
    await ann.draws(2);
    await ann.seesState('Offline, 2 changes kept here');
    const states = await watchStates();
    await restart();
    await ann.seesState('Saved');
    expect(await states()).toEqual(['Offline, 2 changes kept here', 'Saving …', 'Saved']);
    expect(await strokesOnServer(place)).toBe(3);
  });

  test('keeps them when the page is closed, for the one who made them and for nobody else', async () => {
    await server.stop();
    await ann.seesState('Offline');
    await ann.draws(0);
    await ann.draws(1);
    await ann.seesState('Offline, 2 changes kept here');
    await ann.closesPage();
    await restart();
    const bob = new HttpSession(server.url);
    await bob.get('/me');
    await ann.become(bob);
    await ann.opens(address());
    await ann.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(0);
    await ann.closesPage();
    await ann.become(place.owner);
    await ann.opens(address());
    await ann.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(2);
    await ann.page.reload();
    await ann.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(2);
  });

  test('throws a copy away that cannot be read, and works on', async () => {
    await ann.draws(0);
    await ann.seesState('Saved');
    await ann.page.evaluate(SPOIL_COPY);
    await ann.page.reload();
    await ann.seesState('Saved');
    await ann.draws(1);
    await ann.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(2);
    expect((await ann.databases()).length).toBe(1);
  });

  test('throws copies of older generations away', async () => {
    const [name = ''] = await ann.databases();
    await place.owner.post(`/canvases/${place.canvas.id}/renewal`);
    await ann.seesState('Saved');
    await eventually(async () => {
      const now = await ann.databases();
      expect(now).toEqual([name.replace('/1/', '/2/')]);
    });
  });

  test('works without a copy where the browser allows none, and says to stay', async () => {
    await ann.closesPage();
    await ann.context.addInitScript(FORBID_DATABASES);
    await ann.opens(address());
    await ann.seesState('Saved');
    await ann.draws(0);
    await ann.seesState('Saved');
    await server.stop();
    await ann.draws(1);
    await ann.seesState('Offline, 1 change not sent');
    await restart();
    await ann.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(2);
  });
});

function address(): string {
  return `${server.url}/canvases/${place.canvas.id}`;
}

/** The same server again, where it was. */
async function restart(): Promise<void> {
  server = await startServer({ dataDir, env: { ...WITHOUT_TRAINERS, PORT: String(server.port) } });
}

/** Notes what the header says from now on; the result reads the notes, each once in a row. */
async function watchStates(): Promise<() => Promise<string[]>> {
  await ann.page.evaluate(WATCH_STATES);
  return () => ann.page.evaluate<string[]>('window.statesSeen');
}

/* Run in the page; as text, since the tests' types know no DOM. */

const WATCH_STATES = `(() => {
  const find = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.localName === 'tc-saving-state') return element.shadowRoot.querySelector('.text');
      const found = element.shadowRoot && find(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const text = find(document);
  window.statesSeen = [text.textContent];
  new MutationObserver(() => {
    if (window.statesSeen.at(-1) !== text.textContent) window.statesSeen.push(text.textContent);
  }).observe(text, { childList: true, characterData: true, subtree: true });
})()`;

const SPOIL_COPY = `indexedDB.databases().then(([{ name }]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(name);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction(['updates'], 'readwrite');
    transaction.objectStore('updates').add(new Uint8Array([250, 1, 2, 3]));
    transaction.oncomplete = () => { opening.result.close(); resolve(); };
  };
}))`;

const FORBID_DATABASES = `
  IDBFactory.prototype.open = () => {
    throw new DOMException('Not in a private window', 'SecurityError');
  };
`;
