import type { Browser, BrowserContext, CDPSession, Locator, Page } from 'playwright-core';
import { decode } from 'fast-png';
import { eventually } from './eventually.ts';
import type { Point } from './hand.ts';
import { penPoints, USUAL_PEN } from './pen-points.ts';

/** A part of the page, in CSS pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a sketch is drawn with. */
export type Tool = 'mouse' | 'touch' | 'pen';

const TIMEOUT_MS = 20_000;
const SIZE = { width: 1280, height: 800 };

/** A guest in a browser context of his own, who finds things by what they say and look like. */
export class BrowserPerson {
  readonly page: Page;
  /** What went wrong in the page by itself; stays empty. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;
  readonly #cdp: CDPSession;

  private constructor(context: BrowserContext, page: Page, cdp: CDPSession) {
    this.#context = context;
    this.page = page;
    this.#cdp = cdp;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  /** Comes with a browser of no history and opens an address. */
  static async open(browser: Browser, address: string): Promise<BrowserPerson> {
    const context = await browser.newContext({ viewport: SIZE, hasTouch: true });
    context.setDefaultTimeout(TIMEOUT_MS);
    const page = await context.newPage();
    const person = new BrowserPerson(context, page, await context.newCDPSession(page));
    await page.goto(address);
    await person.isSaved();
    return person;
  }

  /** Waits until the page says that everything is on the server's disk. */
  async isSaved(): Promise<void> {
    await this.page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
  }

  /** Draws strokes of a sketch 256 units wide, scaled to 160 pixels, its left top corner at a point. */
  async draw(strokes: readonly number[][][], corner: Point, tool: Tool = 'mouse'): Promise<void> {
    const place = ([x, y]: Point): Point => [corner[0] + x * 0.625, corner[1] + y * 0.625];
    for (const stroke of strokes) {
      const { xs, ys } = penPoints(stroke, { ...USUAL_PEN, place });
      const points = xs.map((x, i): Point => [x, ys[i] ?? 0]);
      await this.press(points.slice(0, -1), tool);
      await this.lift(points.at(-1) ?? [0, 0], tool);
    }
  }

  /** Puts the pen down and moves it along the points. */
  async press(points: readonly Point[], tool: Tool = 'mouse'): Promise<void> {
    for (const [i, point] of points.entries())
      await this.#send(i === 0 ? 'down' : 'move', point, tool);
  }

  /** Moves to a last point and lifts the pen. */
  async lift(point: Point, tool: Tool = 'mouse'): Promise<void> {
    await this.#send('move', point, tool);
    await this.#send('up', point, tool);
  }

  /** The bubbles on the canvas. */
  get guesses(): Locator {
    return this.page.getByRole('button', { name: /^(Guess|Confirmed): / });
  }

  /** Waits for a bubble that says this, as a screen reader does. */
  async sees(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).first().waitFor();
  }

  /** The next stroke begins a sketch of its own, wherever it is. */
  async startsNewSketch(): Promise<void> {
    await this.page.getByRole('button', { name: 'New sketch' }).click();
  }

  /** Corrects the guess of a sketch: chooses a category or names a new one. */
  async saysItIs(category: string, corner: Point): Promise<void> {
    await (await this.#guessAt(corner)).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'It is …' }).fill(category);
    await dialog
      .getByRole('button', { name: new RegExp(`^(${category}|New category .${category}.)`) })
      .click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Says that the guess of a sketch is right. */
  async saysRight(corner: Point, { addToDataset }: { addToDataset: boolean }): Promise<void> {
    await (await this.#guessAt(corner)).click();
    const dialog = this.page.getByRole('dialog');
    const isAdded = await dialog.getByRole('switch', { name: 'Add to the dataset' }).isChecked();
    if (isAdded !== addToDataset) await dialog.getByText('Add to the dataset').click();
    await dialog.getByRole('button', { name: 'Right' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Takes back what was said last. */
  async takesBack(): Promise<void> {
    await this.page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  }

  /** Waits until a category of the list has so many examples. */
  async seesExamples(category: string, examples: number): Promise<void> {
    const unit = examples === 1 ? 'example' : 'examples';
    const row = this.page
      .getByRole('listitem')
      .filter({ hasText: new RegExp(`^\\s*${category}\\b`) })
      .filter({ hasText: new RegExp(`\\b${examples} ${unit}`) });
    await row.waitFor();
  }

  /** The number of the model version that the page says is live; 0 before the first. */
  async liveModel(): Promise<number> {
    const text = await this.page.getByText(/(Model \d+|starter model) is live/).textContent();
    return Number(/Model (\d+)/.exec(text ?? '')?.[1] ?? 0);
  }

  /** Waits until a later version than this one is live; its number. */
  async seesModelAfter(version: number): Promise<number> {
    return eventually(async () => {
      const live = await this.liveModel();
      if (live <= version) throw new Error(`Model ${live} is live.`);
      return live;
    });
  }

  /** How many pixels of a part of the page look like ink. */
  async inkPixels(region: Region): Promise<number> {
    const { data, channels } = decode(await this.page.screenshot({ clip: region }));
    let ink = 0;
    for (let i = 0; i < data.length; i += channels) {
      const brightness = ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0)) / 3;
      if (brightness < 120) ink += 1;
    }
    return ink;
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  /** The bubble nearest to the middle of a sketch of 160 pixels. */
  async #guessAt(corner: Point): Promise<Locator> {
    const bubbles = await this.guesses.all();
    const distances = await Promise.all(
      bubbles.map(async (bubble) => {
        const box = await bubble.boundingBox();
        const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 15];
        return Math.hypot(x - corner[0] - 80, y - corner[1] - 80);
      }),
    );
    const nearest = bubbles[distances.indexOf(Math.min(...distances))];
    if (!nearest) throw new Error('There is no guess.');
    return nearest;
  }

  async #send(phase: 'down' | 'move' | 'up', [x, y]: Point, tool: Tool): Promise<void> {
    if (tool === 'touch') {
      const type = ({ down: 'touchStart', move: 'touchMove', up: 'touchEnd' } as const)[phase];
      const touchPoints = phase === 'up' ? [] : [{ x, y }];
      await this.#cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
      return;
    }
    const type = ({ down: 'mousePressed', move: 'mouseMoved', up: 'mouseReleased' } as const)[
      phase
    ];
    const buttons = phase === 'up' ? 0 : 1;
    const event = {
      type,
      x,
      y,
      button: 'left',
      buttons,
      clickCount: 1,
      pointerType: tool,
    } as const;
    await this.#cdp.send('Input.dispatchMouseEvent', event);
  }
}
