import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { PROJECT_ROOT } from './project-root.ts';

/** The whole program of the page: the packages as they are, and names to reach them by. */
const PROGRAM = `
  import * as Y from 'yjs';
  import { WebsocketProvider } from 'y-websocket';
  import { IndexeddbPersistence } from 'y-indexeddb';
  globalThis.start = async ({ url, canvasId, participant, database }) => {
    const doc = new Y.Doc();
    if (database) {
      globalThis.copy = new IndexeddbPersistence(database, doc);
      await copy.whenSynced;
    }
    const params = { participant };
    const provider = new WebsocketProvider(url, canvasId, doc, { disableBc: true, params });
    const closes = [];
    provider.on('connection-close', (event) => event && closes.push(event.code));
    Object.assign(globalThis, { Y, doc, provider, closes });
  };
`;

/** How a page is opened. */
export interface StockVisit {
  readonly url: string;
  readonly canvasId: string;
  readonly participant: string;
  /** Its y-indexeddb database; without it nothing is kept in the browser. */
  readonly database?: string;
}

/** A page in a real browser with y-websocket and y-indexeddb, and nothing of our own. */
export class StockPage {
  readonly page: Page;
  /** What the packages had to complain about. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      const isNetwork = message.text().includes('WebSocket');
      if (message.type() === 'error' && !isNetwork) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  async start(visit: StockVisit): Promise<void> {
    await this.run(`start(${JSON.stringify(visit)})`);
  }

  /** Evaluates an expression with \`Y\`, \`doc\`, \`provider\`, \`copy\` and \`closes\`. */
  async run<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  /** Loads the page anew, as a person does: only what is in the database is left. */
  async reload(): Promise<void> {
    await this.page.reload();
  }
}

/** A browser and a web server that gives each page the stock packages. */
export class StockPages {
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open(): Promise<StockPages> {
    const bundle = await build({
      stdin: { contents: PROGRAM, resolveDir: PROJECT_ROOT },
      ...{ bundle: true, write: false, format: 'iife', platform: 'browser' },
      absWorkingDir: PROJECT_ROOT,
    });
    const script = bundle.outputFiles[0]?.text ?? '';
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        `<!doctype html><script>${script.replaceAll('</script', '<\\/script')}</script>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StockPages(await launchBrowser(), server);
  }

  /** A browser profile of its own with one page. */
  async page(): Promise<StockPage> {
    const context = await this.#browser.newContext();
    const page = new StockPage(await context.newPage());
    const { port } = this.#server.address() as AddressInfo;
    await page.page.goto(`http://127.0.0.1:${port}/`);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
