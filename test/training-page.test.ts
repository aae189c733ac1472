import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../shared/project.ts';
import { isBrowserExpected, launchBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { HAND_DRAWN_CATEGORIES, handDrawn } from './support/hand-drawn.ts';
import { HttpSession } from './support/http-session.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import { addExamples, createProject } from './support/teaching.ts';

const PER_CATEGORY = 20;

/** The tests' types know no DOM. */
interface Picture {
  readonly naturalWidth: number;
}

let browser: Browser;
let server: ServerProcess;
let removeData: () => Promise<void>;
let ann: HttpSession;
let project: Project;
let page: Page;
const faults: string[] = [];

/** What an owner does on the page about training; each step builds on those before. */
describe.runIf(isBrowserExpected())('the owner of a project', () => {
  beforeAll(async () => {
    const data = await temporaryDataDir();
    removeData = data.remove;
    browser = await launchBrowser();
    server = await startServer({ dataDir: data.dir });
    ann = new HttpSession(server.url);
    project = await teach();
    const [name = '', value = ''] = ann.cookie.split(/=(.*)/s);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addCookies([{ name, value, url: server.url }]);
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    await removeData();
  });

  test('finds the page from the card of the project', async () => {
    await page.goto(`${server.url}/projects`);
    await page.getByRole('link', { name: 'Training of Toys' }).click();
    await page.getByRole('heading', { name: 'Toys Training' }).waitFor();
  });

  test('trains the head and sees how good it is, category by category', async () => {
    await page.getByRole('button', { name: 'Train: Quick' }).click();
    await page.getByRole('heading', { name: 'Model 1 is live' }).waitFor();
    const rows = page.getByRole('table', { name: 'Accuracy by category' }).getByRole('row');
    await eventually(async () => expect(await rows.count()).toBe(1 + HAND_DRAWN_CATEGORIES.length));
    expect(await rows.nth(1).textContent()).toMatch(/\d+ of \d+/);
  });

  test('opens the sketches behind a cell of the matrix', async () => {
    await page.getByRole('gridcell').getByRole('button').first().click();
    const sketch = page.getByRole('img', { name: /^Sketch 1 of / });
    await eventually(async () =>
      expect(await sketch.evaluate((image: Picture) => image.naturalWidth)).toBeGreaterThan(0),
    );
    await page.keyboard.press('Escape');
    await sketch.waitFor({ state: 'hidden' });
  });

  test('scrolls the page on with the pointer above the matrix, on a narrow screen', async () => {
    const before = page.viewportSize();
    await page.setViewportSize({ width: 360, height: 780 });
    const matrix = page.locator('tc-confusion-matrix');
    await matrix.hover();
    const top = (await matrix.boundingBox())?.y ?? 0;
    await page.mouse.wheel(0, 400);
    await eventually(async () => expect((await matrix.boundingBox())?.y).toBeLessThan(top - 300));
    if (before) await page.setViewportSize(before);
  });

  test('changes the strategy', async () => {
    await page.getByRole('radio', { name: 'After new examples' }).check();
    await page.getByRole('textbox', { name: 'So many new examples' }).fill('0');
    await page.getByText('At least 1, please.').waitFor();
    await page.getByRole('textbox', { name: 'So many new examples' }).fill('7');
    await page.getByRole('textbox', { name: 'Epochs' }).fill('40');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByText('Saved. The next training uses it.').waitFor();
    const { strategy } = await ann.get<Project>(`/projects/${project.id}`);
    expect(strategy.when).toEqual({ kind: 'after_examples', examples: 7 });
    expect(strategy.hyperparameters).toEqual({ epochs: 40 });
  });

  test('trains again, and rolls back', async () => {
    await page.getByRole('button', { name: 'Train: Quick' }).click();
    const versions = page.getByRole('listitem');
    await versions.and(page.getByLabel('Model 2')).waitFor();
    // The guard may have held it back; then it is made live by hand before.
    if ((await servingNumber()) === 1)
      await page.getByRole('button', { name: 'Make live: model 2' }).click();
    await page.getByRole('heading', { name: 'Model 2 is live' }).waitFor();
    await page.getByRole('button', { name: 'Roll back: model 1' }).click();
    await page.getByRole('heading', { name: 'Model 1 is live' }).waitFor();
    expect(await servingNumber()).toBe(1);
  });

  test('has not met a fault in the page', () => {
    expect(faults).toEqual([]);
  });
});

/** The number of the version that serves, as the server has it. */
async function servingNumber(): Promise<number> {
  const { modelVersionId } = await ann.get<Project>(`/projects/${project.id}`);
  const path = `/model-versions/${modelVersionId ?? ''}`;
  return (await ann.get<{ number: number }>(path)).number;
}

/** A project of the own sketches that trains only when it is asked to. */
async function teach(): Promise<Project> {
  await ann.get('/me');
  const made = await createProject(ann, 'Toys', HAND_DRAWN_CATEGORIES);
  const path = `/projects/${made.project.id}`;
  await ann.patch(path, { strategy: { when: { kind: 'by_hand' } } });
  const examples = made.categories.flatMap(({ id: categoryId }, i) =>
    Array.from({ length: PER_CATEGORY }, (_, n) => ({
      categoryId,
      strokes: handDrawn(HAND_DRAWN_CATEGORIES[i] ?? 'kite', n),
    })),
  );
  await addExamples(ann, made.project.id, examples);
  return made.project;
}
