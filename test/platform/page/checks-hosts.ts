// The page on a phone, with a keyboard, with a worker that does not start, and when it is left.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complains, draw, openPage, reads, says, text } from './driver.js';
import { DRAWN } from './strokes.js';

/** Nothing is wider than the screen, a finger draws without scrolling, and so do the keys. */
export async function fitsAPhone(browser: Browser, url: string, model: Uint8Array, shot: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  try {
    const { page } = await openPage(context, url);
    await page.setInputFiles('#model-files', { name: 'mine.safetensors', mimeType: '', buffer: Buffer.from(model) });
    await says(page, 'model-name', /^mine\.safetensors$/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    for (const target of await page.locator('button:visible, select:visible, input:visible').all())
      assert.ok((await target.boundingBox())!.height >= 38, `${await target.innerText()}: too small for a finger`);
    await drawWithFinger(page, 5);
    await says(page, 'answer', /^5$/, 10);
    await drawWithKeys(page);
    await says(page, 'answer', /^1$/, 10);
    await reads(page, 2);
    await shot(page);
  } finally {
    await context.close();
  }
}

async function drawWithFinger(page: Page, digit: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const pad = page.locator('#pad');
  await pad.scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => scrollY);
  const box = (await pad.boundingBox())!;
  for (const stroke of DRAWN[digit]) {
    for (const [i, [x, y]] of stroke.entries()) {
      const touchPoints = [{ x: box.x + (x / 100) * box.width, y: box.y + (y / 100) * box.height }];
      await session.send('Input.dispatchTouchEvent', { type: i === 0 ? 'touchStart' : 'touchMove', touchPoints });
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
  assert.equal(await page.evaluate(() => scrollY), scrolled);
}

/** A vertical line: Delete clears, Space lowers the pen. */
async function drawWithKeys(page: Page): Promise<void> {
  await page.locator('#pad').focus();
  for (const key of ['Delete', 'Space', ...Array(14).fill('ArrowDown'), 'Space']) await page.keyboard.press(key);
}

/** A worker that cannot be loaded is one message, and the page goes on when it can. */
export async function showsWorkerErrors(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.route(/coordinator.*\.[jt]s/, (route) => route.abort());
  await page.goto(url);
  await complains(page, /^the training worker could not be started$/);
  assert.equal(await text(page, 'status'), 'Stopped by an error');
  await page.unroute(/coordinator.*\.[jt]s/);
  await page.getByRole('button', { name: 'Start over' }).click();
  await says(page, 'status', /^Ready$/);
  await draw(page, 1);
  await says(page, 'sureness', /^no network yet/);
  await page.close();
}

/** Leaving the page in the middle of a run ends its workers and their threads. */
export async function endsItsWorkers(browser: Browser, context: BrowserContext, url: string): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const workers = async (): Promise<number> => {
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'worker' }] });
    return targetInfos.length;
  };
  const { page } = await openPage(context, url);
  assert.ok((await workers()) > 0);
  await page.locator('#run').click();
  await says(page, 'loss', /^\d+\.\d+$/);
  await page.goto('about:blank');
  await page.waitForTimeout(1000);
  assert.equal(await workers(), 0);
  await page.close();
}
