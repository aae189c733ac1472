import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { bundledBrowser, hasBundledBrowser } from './bundled-browser.ts';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Quiet, alone with the server under test, and able to run as root and without a GPU. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const NO_BROWSER =
  'No browser for the browser tests: install Chrome or Chromium, or set CHROMIUM_PATH. ' +
  'To leave these tests out on purpose, set ALLOW_NO_BROWSER=1.';

/** Which browser the tests use; see the README, "Test". */
export type BrowserChoice =
  { kind: 'installed'; executable: string } | { kind: 'bundled' } | { kind: 'none' };

/** `CHROMIUM_PATH`, an installed one, the bundled one; `BROWSER=bundled` insists on the last. */
export function chooseBrowser(env: NodeJS.ProcessEnv = process.env): BrowserChoice {
  const bundled: BrowserChoice = { kind: hasBundledBrowser ? 'bundled' : 'none' };
  if (env['BROWSER'] === 'bundled') return bundled;
  const executable = env['CHROMIUM_PATH'] ?? installedBrowser(env['PATH'] ?? '');
  return executable ? { kind: 'installed', executable } : bundled;
}

/**
 * Whether browser tests are to run: `describe.runIf(isBrowserExpected())`. They run, and fail with
 * a message, where there is no browser, unless `ALLOW_NO_BROWSER=1` allows to leave them out.
 */
export function isBrowserExpected(env: NodeJS.ProcessEnv = process.env): boolean {
  return chooseBrowser(env).kind !== 'none' || env['ALLOW_NO_BROWSER'] !== '1';
}

/** Starts a browser; `flags` are added to ours. */
export async function launchBrowser(
  flags: readonly string[] = [],
  choice = chooseBrowser(),
): Promise<Browser> {
  const args = [...FLAGS, ...flags];
  switch (choice.kind) {
    case 'installed':
      return chromium.launch({ executablePath: choice.executable, args });
    case 'bundled': {
      const { executable, env } = await bundledBrowser();
      return chromium.launch({ executablePath: executable, args, env: { ...process.env, ...env } });
    }
    case 'none':
      throw new Error(NO_BROWSER);
  }
}

function installedBrowser(searchPath: string): string | undefined {
  const onPath = searchPath
    .split(path.delimiter)
    .flatMap((folder) => COMMANDS.map((command) => path.join(folder, command)));
  return [...onPath, ...PLACES].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
