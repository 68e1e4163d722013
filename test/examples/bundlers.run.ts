// The page of each bundler, in Chromium: its logits are those of the library here, bit for bit.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { launchChromium } from '../platform/page/chromium.js';
import { type Example, installExample, modelBytes } from './example.js';

let example: Example;
let browser: Browser;

beforeAll(async () => {
  example = installExample('bundlers');
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  example.remove();
});

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Serves the files of a folder until the test ends; gives its address. */
async function serve(folder: string): Promise<string> {
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const name = url === '/' ? 'index.html' : url;
    try {
      const body = await readFile(join(folder, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test.each(['vite', 'webpack', 'esbuild', 'rollup'])('examples/bundlers: %s', async (bundler) => {
  example.run('npm', 'run', `build:${bundler}`);
  const folder = join(example.folder, 'dist', bundler);
  const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i >= 112 && i < 672 && i % 28 >= 13 && i % 28 < 16 ? 255 : 0));
  const { name, logits } = (await loadModel(modelBytes)).predict(pixels);
  expect(name).toBe('1');
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(await serve(folder));
  await expect.poll(() => page.locator('output').innerText(), { timeout: 20_000 }).toBe(`1: ${logits.join(' ')}`);
  expect(errors).toEqual([]);

  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(folder, name)));
  const sizes = scripts.map((script) => [script.length, gzipSync(script, { level: 9 }).length]);
  expect(sizes).toHaveLength(1);
  console.log(`${bundler}: ${sizes[0][0]} bytes of JavaScript, wasm included, ${sizes[0][1]} gzipped`);
  expect(sizes[0][1]).toBeLessThan(18_000);
});
