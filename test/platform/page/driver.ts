// What a person does on the page: opens it, draws, chooses files, reads what it says.
import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import type { PageFile } from './files.js';
import { DRAWN } from './strokes.js';

export const text = (page: Page, id: string): Promise<string> => page.locator(`#${id}`).innerText();

/** Waits until the element says what is expected. */
export async function says(page: Page, id: string, expected: RegExp, seconds: number = 30): Promise<void> {
  const found = await page
    .waitForFunction(
      ([id, source]) => new RegExp(source).test(document.getElementById(id)?.innerText ?? ''),
      [id, expected.source] as const,
      { timeout: 1000 * seconds },
    )
    .catch(() => undefined);
  if (found === undefined) assert.fail(`#${id}: got ${JSON.stringify(await text(page, id))} for ${seconds} s, expected ${expected}`);
}

/** A page that is ready, and the errors that its scripts will throw. */
export async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; errors: string[] }> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(url);
  await says(page, 'status', /^Ready$/);
  return { page, errors };
}

/** Draws a digit with the mouse, in moves of a few pixels as a hand makes them. */
export async function draw(page: Page, digit: number): Promise<void> {
  await page.locator('#clear').click();
  const pad = page.locator('#pad');
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + (x / 100) * box.width, box.y + (y / 100) * box.height];
  for (const stroke of DRAWN[digit]) {
    await page.mouse.move(...at(stroke[0]));
    await page.mouse.down();
    for (const point of stroke.slice(1)) await page.mouse.move(...at(point), { steps: 6 });
    await page.mouse.up();
  }
}

/** Draws it and waits for the answer. */
export async function reads(page: Page, digit: number): Promise<void> {
  await draw(page, digit);
  await says(page, 'answer', new RegExp(`^${digit}$`), 10);
}

/** An error is one sentence in one place, and is gone after a click. */
export async function complains(page: Page, expected: RegExp): Promise<void> {
  await says(page, 'error', expected);
  assert.equal(await page.getByRole('alert').count(), 1);
  await page.locator('#dismiss').click();
  assert.equal(await page.locator('#alert').isVisible(), false);
}

/** Lets a file fall on the page. */
export async function drop(page: Page, { name, buffer, mimeType }: PageFile): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, bytes, type]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return transfer;
    },
    [name, [...buffer], mimeType] as const,
  );
  for (const event of ['dragover', 'drop']) await page.dispatchEvent('body', event, { dataTransfer });
}
