import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBrowserExpected, launchBrowser } from './support/browser.ts';
import type { OwnCanvas } from './support/canvas-visitor.ts';
import { CanvasVisitor, ownCanvas, strokesOnServer } from './support/canvas-visitor.ts';
import { eventually } from './support/eventually.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';

let browser: Browser;
let server: ServerProcess;
let removeData: () => Promise<void>;
let place: OwnCanvas;
let ann: CanvasVisitor;
let bob: CanvasVisitor;

/** What people do with the versions of a canvas; each step builds on those before. */
describe.runIf(isBrowserExpected())('the owner of a canvas and a guest', () => {
  beforeAll(async () => {
    const data = await temporaryDataDir();
    removeData = data.remove;
    browser = await launchBrowser();
    server = await startServer({ dataDir: data.dir, env: { TRAINER: 'none' } });
    place = await ownCanvas(server.url, 'Birds');
    ann = await CanvasVisitor.arrive(browser, place.owner);
    bob = await CanvasVisitor.arrive(browser);
    for (const visitor of [ann, bob]) {
      await visitor.opens(`${server.url}/canvases/${place.canvas.id}`);
      await visitor.seesState('Saved');
    }
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await removeData();
  });

  test('find no version at first', async () => {
    await opensVersions(ann);
    await ann.page.getByText('No version has been saved yet.').waitFor();
    await closesVersions(ann);
  });

  test('save what the canvas shows, under a name, by the keyboard', async () => {
    await ann.draws(0);
    await ann.seesState('Saved');
    await opensVersions(ann);
    await ann.page.getByRole('textbox', { name: 'Name of the version' }).fill('One line');
    await ann.page.keyboard.press('Enter');
    const version = versionsOf(ann).getByRole('listitem').filter({ hasText: 'One line' });
    await version.getByText(/^1 stroke, by /).waitFor();
    await closesVersions(ann);
  });

  test('see a version come back at the same time, and what was there before is kept', async () => {
    await bob.draws(1);
    await bob.seesState('Saved');
    await eventually(async () => expect(await inkRows(ann)).toEqual([true, true]));
    await opensVersions(ann);
    await ann.page.getByRole('button', { name: 'Restore One line' }).click();
    await ann.page.getByText(/for everybody at once/).waitFor();
    await versionsOf(ann).getByRole('button', { name: 'Restore', exact: true }).click();
    await ann.page.getByText(/“One line” is back/).waitFor();
    for (const visitor of [ann, bob])
      await eventually(async () => expect(await inkRows(visitor)).toEqual([true, false]));
    await opensVersions(ann);
    await versionsOf(ann).getByRole('heading', { name: 'Before restoring One line' }).waitFor();
  });

  test('restore as editors only: the guest may save, and is told so', async () => {
    await opensVersions(bob);
    await versionsOf(bob)
      .getByText(/editors and owner can bring a version back/)
      .waitFor();
    await versionsOf(bob).getByRole('heading', { name: 'One line', exact: true }).waitFor();
    expect(await bob.page.getByRole('button', { name: /^Restore/ }).count()).toBe(0);
    await closesVersions(bob);
  });

  test('go on where they are when the canvas begins anew, without a reload', async () => {
    await bob.page.evaluate('window.isSamePage = true');
    await ann.page.getByRole('button', { name: 'Begin anew without erased ink' }).click();
    await versionsOf(ann).getByRole('button', { name: 'Begin anew', exact: true }).click();
    for (const visitor of [ann, bob]) {
      await visitor.page.getByText(/This canvas has begun anew/).waitFor();
      await visitor.seesState('Saved');
      // The dialog fades out above the paper first.
      await eventually(async () => expect(await inkRows(visitor)).toEqual([true, false]));
    }
    expect(await bob.page.evaluate('window.isSamePage')).toBe(true);
    await bob.draws(2);
    await bob.seesState('Saved');
    expect(await strokesOnServer(place)).toBe(2);
    expect([...ann.faults, ...bob.faults]).toEqual([]);
  });
});

async function opensVersions({ page }: CanvasVisitor): Promise<void> {
  await page.getByRole('button', { name: 'Versions', exact: true }).click();
  await page.getByRole('dialog', { name: 'Versions' }).waitFor();
}

async function closesVersions({ page }: CanvasVisitor): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Versions' }).waitFor({ state: 'hidden' });
}

/** What the dialog shows; it is no child of the dialog's own box, but laid into it. */
function versionsOf({ page }: CanvasVisitor): Locator {
  return page.locator('tc-versions-dialog');
}

/** Whether the first two rows of the paper show a stroke. */
async function inkRows(visitor: CanvasVisitor): Promise<boolean[]> {
  return [await visitor.seesInk(0), await visitor.seesInk(1)];
}
