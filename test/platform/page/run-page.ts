/**
 * The page in Chromium, with cross-origin isolation and without: a row each.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { root } from '../root.js';
import { launchChromium } from './chromium.js';
import { type PageResult, testPage } from './page.js';
import { type ServedPage, servePage } from './serve.js';

export interface PageRow {
  page: string;
  /** Of Chromium. */
  version?: string;
  /** From the click on Train. */
  secondsTo95?: number;
  /** As the page says them. */
  accuracy?: string;
  imagesPerSecond?: string;
  /** Tasks of the page's own thread above 50 ms while it trained, and the share of the machine that others used. */
  longTasks?: number;
  elsewhere?: number;
  failures: string[];
}

const NAMES = { isolated: 'isolated: threads', plain: 'not isolated: one thread' };

export async function runPage(): Promise<PageRow[]> {
  const rows: PageRow[] = [];
  let model: Uint8Array | undefined;
  let served: ServedPage | undefined;
  let browser: Browser | undefined;
  try {
    served = await servePage();
    browser = await launchChromium();
    for (const kind of ['isolated', 'plain'] as const) {
      const result = await testPage(browser, served[kind], { isolated: kind === 'isolated', artefacts: join(root, 'artefacts') });
      model ??= result.model;
      assert.deepEqual(result.model, model, 'the models that the page makes with threads and without');
      rows.push(row(NAMES[kind], browser.version(), result));
    }
  } catch (error) {
    const page = Object.values(NAMES)[rows.length];
    rows.push({ page, version: browser?.version(), failures: [error instanceof Error ? error.message : String(error)] });
  } finally {
    await browser?.close();
    await served?.close();
  }
  return rows;
}

function row(page: string, version: string, { model, longTasks, secondsTo95, elsewhere, ...said }: PageResult): PageRow {
  const rounded = { secondsTo95: Number(secondsTo95.toFixed(1)), elsewhere: Number(elsewhere.toFixed(2)) };
  return { page, version, ...said, ...rounded, longTasks: longTasks.length, failures: [] };
}
