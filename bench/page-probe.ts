import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { PROJECT_ROOT } from '../test/support/project-root.ts';

/** What a page received, and when the next picture after it was drawn; milliseconds since 1970. */
export interface PageArrival {
  /** `strokeId:sequence` of live ink that came, `sent <that>` of its own, or a socket.io event. */
  readonly key: string;
  readonly at: number;
  readonly paintedAt: number;
  /** The event's first argument. */
  readonly event?: unknown;
}

/** A browser page with its own guest, and ears on its sockets. */
export class PageProbe {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** Opens an address and waits until the page is quiet. */
  static async open(browser: Browser, url: string): Promise<PageProbe> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript({ path: join(PROJECT_ROOT, 'bench/listen-to-sockets.mjs') });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText('Saved').first().waitFor();
    return new PageProbe(context, page);
  }

  /** What has arrived and been drawn since the last call. */
  async arrivals(): Promise<PageArrival[]> {
    return this.page.evaluate(() => {
      const heard = (globalThis as { heardArrivals?: PageArrival[] }).heardArrivals ?? [];
      const unpainted = heard.findIndex(({ paintedAt }) => paintedAt === 0);
      return heard.splice(0, unpainted < 0 ? heard.length : unpainted);
    });
  }

  /** Draws lines by the mouse, at a hand's speed. */
  async draw(strokes: number): Promise<void> {
    const box = await this.page.getByLabel('Canvas', { exact: true }).first().boundingBox();
    if (!box) throw new Error('The page shows no canvas.');
    for (let stroke = 0; stroke < strokes; stroke++) {
      const [left, top] = [box.x + 100 + (stroke % 5) * 130, box.y + 150 + (stroke % 3) * 120];
      await this.page.mouse.move(left, top);
      await this.page.mouse.down();
      await this.page.mouse.move(left + 90, top + 70, { steps: 30 });
      await this.page.mouse.up();
    }
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
