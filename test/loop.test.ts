import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '../shared/example.ts';
import type { ModelVersion } from '../shared/model-version.ts';
import type { Project } from '../shared/project.ts';
import { isBrowserExpected, launchBrowser } from './support/browser.ts';
import { BrowserPerson } from './support/browser-person.ts';
import { eventually } from './support/eventually.ts';
import type { Point } from './support/hand.ts';
import { handDrawn } from './support/hand-drawn.ts';
import { HttpSession } from './support/http-session.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import { learnt } from './support/teaching.ts';

/** Not localhost, and no secure context: as another machine of the network sees the server. */
const NAME = 'canvas.test';
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/** Left top corners of the sketches, in CSS pixels. */
const TOUCHED: Point = [420, 120];
const PENNED: Point = [650, 120];
const TAUGHT: Point = [180, 420];
const REPEATED: Point = [420, 420];
const AFTERWARDS: Point = [650, 420];

let browser: Browser;
let server: ServerProcess;
let dataDir: string;
let removeData: () => Promise<void>;
let ann: BrowserPerson;
let bob: BrowserPerson;

/** What a person can do, in the order in which somebody would; each step builds on those before. */
describe.runIf(isBrowserExpected())('two guests on the Playground', () => {
  beforeAll(async () => {
    const data = await temporaryDataDir();
    dataDir = data.dir;
    removeData = data.remove;
    browser = await launchBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
    server = await startServer({ dataDir });
    ann = await BrowserPerson.open(browser, `http://${NAME}:${server.port}/`);
    bob = await BrowserPerson.open(browser, server.url);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await removeData();
  });

  test('are on the same canvas, without an account, with categories taught beforehand', async () => {
    for (const { page } of [ann, bob]) {
      await page.getByText('Playground').first().waitFor();
      await eventually(async () => {
        const taught = page.getByRole('listitem').filter({ hasText: 'pre-taught' });
        expect(await taught.count()).toBeGreaterThanOrEqual(18);
      });
      const people = page.getByLabel('People here');
      await eventually(async () => expect(await people.getByRole('listitem').count()).toBe(2));
    }
    expect(await ann.page.evaluate('isSecureContext')).toBe(false);
  });

  test('see ink while it is drawn, and a guess that follows it', async () => {
    const firstHalf = { x: 195, y: 190, width: 60, height: 60 };
    const before = await bob.inkPixels(firstHalf);
    await ann.press(Array.from({ length: 60 }, (_, i) => [200 + i * 2, 200 + i * 2] as const));
    await eventually(async () => {
      expect(await bob.inkPixels(firstHalf)).toBeGreaterThan(before + 50);
      for (const { page } of [ann, bob]) {
        expect(await page.locator('tc-chip[provisional]').count()).toBe(1);
        expect(await page.getByRole('button', { name: /^Guess: / }).count()).toBe(1);
      }
    });
    await ann.lift([320, 200]);
    await ann.isSaved();
    await eventually(async () => {
      for (const { page } of [ann, bob])
        expect(await page.locator('tc-chip:not([provisional])').count()).toBe(1);
    });
  });

  test('get no label for a single dot', async () => {
    await ann.press([[850, 620]]);
    await ann.lift([850, 620]);
    await ann.isSaved();
    for (const person of [ann, bob]) expect(await person.guesses.count()).toBe(1);
  });

  test('draw a stroke that begins on a bubble, which only a tap opens', async () => {
    const box = await ann.guesses.first().boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    const beside = { x: x + 90, y: y - 10, width: 60, height: 20 };
    const before = await bob.inkPixels(beside);
    await ann.press(Array.from({ length: 20 }, (_, i) => [x + i * 8, y] as const));
    await ann.lift([x + 160, y]);
    await eventually(async () => expect(await bob.inkPixels(beside)).toBeGreaterThan(before + 50));
    expect(await ann.page.getByRole('dialog').count()).toBe(0);
    await ann.page.getByRole('button', { name: /^Undo/ }).click();
    await eventually(async () => expect(await bob.inkPixels(beside)).toBe(before));
  });

  test('have the focus back at the bubble, however its question is closed', async () => {
    const { page } = ann;
    for (const close of [
      () => page.getByRole('button', { name: 'Close' }).click(),
      () => page.keyboard.press('Escape'),
    ]) {
      await ann.guesses.first().click();
      await page.getByRole('dialog').waitFor();
      await close();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.locator('tc-chip button:focus').waitFor();
    }
  });

  test('draw by touch and by pen as well', async () => {
    await bob.draw(handDrawn('kite', 0), TOUCHED, 'touch');
    await bob.startsNewSketch();
    await bob.draw(handDrawn('ghost', 0), PENNED, 'pen');
    await eventually(async () => {
      for (const person of [ann, bob]) expect(await person.guesses.count()).toBe(3);
    });
  });

  test('teach a category that is new by one correction', async () => {
    await ann.startsNewSketch();
    await ann.draw(handDrawn('anchor', 0), TAUGHT);
    await eventually(async () => expect(await bob.guesses.count()).toBe(4));
    const models = await Promise.all([ann, bob].map((person) => person.liveModel()));
    await ann.saysItIs('anchor', TAUGHT);
    await ann.page.locator('tc-chip button:focus').waitFor();
    for (const [i, person] of [ann, bob].entries()) {
      await person.sees('Confirmed: anchor');
      await person.seesExamples('anchor', 1);
      await person.seesModelAfter(models[i] ?? 0);
    }
  });

  test('find the same sketch recognised now, in both browsers, without a reload', async () => {
    await bob.startsNewSketch();
    await bob.draw(handDrawn('anchor', 0), REPEATED);
    for (const person of [ann, bob]) await person.sees(/^Guess: anchor, /);
  });

  test('say that it is right, and keep it out of the dataset', async () => {
    await bob.saysRight(REPEATED, { addToDataset: false });
    for (const person of [ann, bob]) {
      await eventually(async () => {
        const confirmed = person.page.getByRole('button', { name: 'Confirmed: anchor' });
        expect(await confirmed.count()).toBe(2);
      });
      await person.seesExamples('anchor', 1);
    }
  });

  test('choose another category that is there, and take it back', async () => {
    await ann.saysItIs('cat', TOUCHED);
    for (const person of [ann, bob]) await person.seesExamples('cat', 1);
    await ann.takesBack();
    for (const person of [ann, bob]) await person.seesExamples('cat', 0);
  });

  test('have put strokes and a picture into the dataset', async () => {
    const { project } = await settledPlayground();
    const guest = new HttpSession(server.url);
    const path = `/projects/${project.id}/examples?source=feedback`;
    const { items } = await guest.get<{ items: Example[] }>(path);
    expect(items).toHaveLength(1);
    const example = `/examples/${items[0]?.id ?? ''}`;
    const image = await guest.get<Uint8Array>(`${example}/image`);
    expect([...image.subarray(0, 4)]).toEqual(PNG_SIGNATURE);
    const { strokes } = await guest.get<{ strokes: number[][][] }>(`${example}/strokes`);
    expect(strokes).toHaveLength(handDrawn('anchor', 0).length);
  });

  test('find canvas, dataset and model as they were after a restart', async () => {
    for (const person of [ann, bob]) await person.isSaved();
    const { model } = await settledPlayground();
    await server.stop();
    await ann.page.getByRole('status').getByText('Offline').waitFor();
    server = await startServer({ dataDir, env: { PORT: String(server.port) } });
    for (const person of [ann, bob]) await person.isSaved();
    await ann.page.reload();
    for (const person of [ann, bob]) {
      await person.sees('Confirmed: anchor');
      await person.seesExamples('anchor', 1);
      await eventually(async () => expect(await person.liveModel()).toBe(model));
    }
    await eventually(async () => expect(await ann.guesses.count()).toBe(5));
  });

  test('go on drawing on the restarted server, which still knows what it was taught', async () => {
    await bob.startsNewSketch();
    await bob.draw(handDrawn('anchor', 0), AFTERWARDS);
    for (const person of [ann, bob]) await person.sees(/^Guess: anchor, /);
  });

  test('have not met a fault in the page', () => {
    for (const { faults } of [ann, bob])
      expect(faults.filter((fault) => !isAboutConnection(fault))).toEqual([]);
  });
});

/** The Playground and the number of its newest model, once nothing is left to be learnt. */
async function settledPlayground(): Promise<{ project: Project; model: number }> {
  const guest = new HttpSession(server.url);
  const { items } = await guest.get<{ items: Project[] }>('/projects');
  const playground = items.find(({ isPlayground }) => isPlayground);
  const project = await learnt(guest, playground?.id ?? '');
  const version = await guest.get<ModelVersion>(`/model-versions/${project.modelVersionId ?? ''}`);
  return { project, model: version.number };
}

/** The browser itself reports each connection that the stopped server refused. */
function isAboutConnection(fault: string): boolean {
  return /WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/.test(fault);
}
