// npm run test:page
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.js';
import { type PageResult, testPage } from './page.js';
import { type ServedPage, servePage } from './serve.js';

const artefacts = fileURLToPath(new URL('../../../artefacts', import.meta.url));
const models: Uint8Array[] = [];
let browser: Browser;
let served: ServedPage;

beforeAll(async () => {
  served = await servePage();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

function report(name: string, { model, ...figures }: PageResult): void {
  models.push(model);
  console.log(`${name}: ${JSON.stringify(figures)}, model of ${model.length} bytes`);
}

test('cross-origin isolated: trains with threads', async () => {
  report('threads', await testPage(browser, served.isolated, { isolated: true, artefacts }));
});

test('not isolated: trains on one thread', async () => {
  report('one thread', await testPage(browser, served.plain, { isolated: false, artefacts }));
});

test('both give the same bytes', () => {
  expect(models).toHaveLength(2);
  expect(models[1]).toEqual(models[0]);
});
