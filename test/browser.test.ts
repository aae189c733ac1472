import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chooseBrowser, isBrowserExpected, launchBrowser } from './support/browser.ts';
import { hasBundledBrowser, swiftshaderFolder } from './support/bundled-browser.ts';

describe('which browser the tests use', () => {
  test('takes the one that CHROMIUM_PATH names', () => {
    expect(chooseBrowser({ CHROMIUM_PATH: '/opt/chrome', PATH: '' })).toEqual({
      kind: 'installed',
      executable: '/opt/chrome',
    });
  });

  test('takes the bundled one where BROWSER=bundled insists on it', () => {
    const choice = chooseBrowser({ CHROMIUM_PATH: '/opt/chrome', BROWSER: 'bundled' });
    expect(choice.kind).toBe(hasBundledBrowser ? 'bundled' : 'none');
  });

  test('leaves browser tests out only where there is none and that is allowed', () => {
    expect(isBrowserExpected({ CHROMIUM_PATH: '/opt/chrome', ALLOW_NO_BROWSER: '1' })).toBe(true);
    expect(isBrowserExpected({ BROWSER: 'bundled' })).toBe(true);
    expect(isBrowserExpected({ BROWSER: 'bundled', ALLOW_NO_BROWSER: '1' })).toBe(
      hasBundledBrowser,
    );
  });

  test('says what to do where there is none', async () => {
    await expect(launchBrowser([], { kind: 'none' })).rejects.toThrow('set CHROMIUM_PATH');
  });
});

describe.runIf(hasBundledBrowser)('the bundled browser', () => {
  test('opens a page and draws on a canvas', async () => {
    const browser = await launchBrowser([], { kind: 'bundled' });
    try {
      const page = await browser.newPage();
      await page.setContent('<canvas width="40" height="30"></canvas>');
      expect(await page.evaluate(DRAW_SQUARE)).toEqual([200, 40, 10, 255]);
      expect((await page.screenshot()).byteLength).toBeGreaterThan(0);
    } finally {
      await browser.close();
    }
  });

  test('writes text with its own fonts', async () => {
    const browser = await launchBrowser([], { kind: 'bundled' });
    try {
      const page = await browser.newPage();
      await page.setContent('<span>Training Canvas</span>');
      const box = await page.locator('span').boundingBox();
      expect(box?.width).toBeGreaterThan(50);
    } finally {
      await browser.close();
    }
  });

  test('is unpacked together with a software Vulkan device', async () => {
    const files = readdirSync(await swiftshaderFolder());
    expect(files).toEqual(
      expect.arrayContaining(['libvk_swiftshader.so', 'libvulkan.so.1', 'vk_swiftshader_icd.json']),
    );
  });
});

/** Runs in the page; as text, since the tests' types know no DOM. */
const DRAW_SQUARE = `(() => {
  const context = document.querySelector('canvas').getContext('2d');
  context.fillStyle = 'rgb(200, 40, 10)';
  context.fillRect(10, 10, 10, 10);
  return [...context.getImageData(15, 15, 1, 1).data];
})()`;
