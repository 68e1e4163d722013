// Files that the page is given: wrong ones, data sets, models, pictures.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Page } from 'playwright-core';
import { complains, drop, reads, says, text } from './driver.js';
import { FILES } from './files.js';

/** One clear message each, and what was there is still there. */
export async function refusesFiles(page: Page): Promise<void> {
  const before = await text(page, 'model-name');
  await page.setInputFiles('#data-files', FILES.text);
  await complains(page, /^notes\.txt: got 25 bytes of another kind, expected the official files of MNIST/);
  await page.setInputFiles('#data-files', FILES.images);
  await complains(page, /^train-images-idx3-ubyte: got 1 file of images and 0 of labels/);
  await drop(page, FILES.text);
  await complains(page, /^notes\.txt: got 25 bytes of another kind/);
  await page.setInputFiles('#model-files', FILES.text);
  await complains(page, /^notes\.txt: safetensors header: got/);
  await drop(page, FILES.picture);
  await complains(page, /^cat\.png: this network reads drawings/);
  assert.equal(await text(page, 'data-name'), 'Built-in digits');
  assert.equal(await text(page, 'model-name'), before);
  await says(page, 'status', /^Ready$/);
}

/** MNIST's files and CIFAR's, few images of each; a network of pictures classifies a picture, and a file gives the network of digits back. */
export async function acceptsFiles(page: Page, model: Uint8Array): Promise<void> {
  await page.locator('#epochs').fill('2');
  await page.setInputFiles('#data-files', FILES.idx);
  await says(page, 'data-facts', /^320 images, 28 × 28, 10 classes$/);
  await trainsWhole(page);
  await drop(page, FILES.cifar);
  await says(page, 'data-facts', /^320 images, 32 × 32 in colour, 10 classes$/);
  assert.equal(await text(page, 'data-name'), 'CIFAR-10');
  await trainsWhole(page);
  await says(page, 'filters-note', /^64 filters of 3 × 3 in colour$/);
  await says(page, 'play-title', /^Classify a picture$/);
  await page.setInputFiles('#picture-files', FILES.picture);
  await says(page, 'answer', /^[a-z]+$/);
  await page.setInputFiles('#picture-files', FILES.text);
  await complains(page, /^notes\.txt: the browser cannot read it as a picture$/);
  await page.setInputFiles('#model-files', { name: 'mine.safetensors', mimeType: '', buffer: Buffer.from(model) });
  await says(page, 'model-name', /^mine\.safetensors$/);
  await says(page, 'play-title', /^Draw a digit$/);
  await reads(page, 4);
  await page.getByRole('button', { name: 'Back to digits' }).click();
  await says(page, 'data-name', /^Built-in digits$/);
  await says(page, 'status', /^Ready$/);
}

async function trainsWhole(page: Page): Promise<void> {
  await page.locator('#run').click();
  await says(page, 'status', /^Done$/, 60);
  await says(page, 'accuracy-note', /of 32 held-out images read right/);
}
