import { decode } from 'fast-png';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import type { Canvas } from '../../shared/project.ts';
import { eventually } from './eventually.ts';
import { HttpSession } from './http-session.ts';
import { createProject } from './teaching.ts';

const TIMEOUT_MS = 20_000;
/** Of a red channel, 0 to 255: light paper is far above it, also under a dialog's shade. */
const INK_BRIGHTNESS = 90;
const SIZE = { width: 1280, height: 800 };

/** The canvas of a project of one's own, and whoever owns it. */
export interface OwnCanvas {
  readonly owner: HttpSession;
  readonly canvas: Canvas;
}

/** Makes a project on a server; its owner speaks over HTTP. */
export async function ownCanvas(url: string, name: string): Promise<OwnCanvas> {
  const owner = new HttpSession(url);
  const { canvas } = await createProject(owner, name, []);
  return { owner, canvas };
}

/** How many strokes the server shows of a canvas. */
export async function strokesOnServer({ owner, canvas }: OwnCanvas): Promise<number> {
  const path = `/canvases/${canvas.id}/versions`;
  return (await owner.post<CanvasVersion>(path, { name: 'Count' })).strokes;
}

/** Somebody with a browser of his own, who opens and closes pages of one canvas. */
export class CanvasVisitor {
  readonly context: BrowserContext;
  /** What went wrong in a page by itself; stays empty but for lost connections. */
  readonly faults: string[] = [];
  #page: Page | null = null;

  private constructor(context: BrowserContext) {
    this.context = context;
    context.setDefaultTimeout(TIMEOUT_MS);
  }

  /** With the session of somebody who has spoken over HTTP already, or as a new guest. */
  static async arrive(browser: Browser, known?: HttpSession): Promise<CanvasVisitor> {
    const visitor = new CanvasVisitor(await browser.newContext({ viewport: SIZE }));
    if (known) await visitor.become(known);
    return visitor;
  }

  get page(): Page {
    if (!this.#page) throw new Error('No page is open');
    return this.#page;
  }

  /** Is this person from now on, in the same browser. */
  async become({ cookie, url }: HttpSession): Promise<void> {
    const [name = '', value = ''] = cookie.split(/=(.*)/s);
    await this.context.clearCookies();
    await this.context.addCookies([{ name, value, url }]);
  }

  async opens(address: string): Promise<void> {
    this.#page = await this.context.newPage();
    // A connection that is refused while the server is away is what these tests are about.
    this.#page.on('pageerror', (error) => this.faults.push(error.message));
    await this.#page.goto(address);
  }

  async closesPage(): Promise<void> {
    await this.page.close();
    this.#page = null;
  }

  /** A straight stroke in the middle of the paper, `row` times 60 pixels below its top. */
  async draws(row: number): Promise<void> {
    const { mouse } = this.page;
    const y = 160 + row * 60;
    await mouse.move(300, y);
    await mouse.down();
    await mouse.move(420, y + 10, { steps: 6 });
    await mouse.move(540, y, { steps: 6 });
    await mouse.up();
  }

  /** Whether the paper shows ink where `draws(row)` puts it, nothing lying above it. */
  async seesInk(row: number): Promise<boolean> {
    const clip = { x: 300, y: 145 + row * 60, width: 240, height: 40 };
    const { data, channels } = decode(await this.page.screenshot({ clip }));
    for (let i = 0; i < data.length; i += channels)
      if ((data[i] ?? 255) < INK_BRIGHTNESS) return true;
    return false;
  }

  /** Waits until the header says this of what was drawn. */
  async seesState(text: string | RegExp): Promise<void> {
    const state = this.page.locator('tc-saving-state').getByRole('status');
    const check = async (): Promise<void> =>
      expectMatch(await state.locator('.text').textContent(), text);
    await eventually(check, TIMEOUT_MS);
  }

  /** Names of this browser's databases. */
  async databases(): Promise<string[]> {
    return this.page.evaluate<string[]>(
      `indexedDB.databases().then((all) => all.map(({ name }) => name))`,
    );
  }

  async leaves(): Promise<void> {
    await this.context.close();
  }
}

function expectMatch(actual: string | null, wanted: string | RegExp): void {
  const isRight = typeof wanted === 'string' ? actual === wanted : wanted.test(actual ?? '');
  if (!isRight) throw new Error(`It says “${actual ?? ''}”, not ${String(wanted)}`);
}
