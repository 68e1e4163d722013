// The page of each bundler, in Chromium: its logits are those of the library here, bit for bit.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { type Example, installExample, modelBytes } from './example.js';
import { program } from './hosts.js';

let example: Example;

beforeAll(() => {
  example = installExample('bundlers');
});
afterAll(() => example.remove());

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

/** The page's text when it has loaded and has nothing left to wait for. */
async function visit(url: string): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'bitgauss-profile-'));
  onTestFinished(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', ...sandbox];
  const args = [...flags, `--user-data-dir=${profile}`, '--virtual-time-budget=20000', '--dump-dom', url];
  return (await promisify(execFile)(program('chromium'), args)).stdout;
}

test.each(['vite', 'webpack', 'esbuild', 'rollup'])('examples/bundlers: %s', async (bundler) => {
  example.run('npm', 'run', `build:${bundler}`);
  const folder = join(example.folder, 'dist', bundler);
  const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i >= 112 && i < 672 && i % 28 >= 13 && i % 28 < 16 ? 255 : 0));
  const { name, logits } = (await loadModel(modelBytes)).predict(pixels);
  expect(name).toBe('1');
  const [, text] = /<output>(.*)<\/output>/.exec(await visit(await serve(folder))) ?? [];
  expect(text).toBe(`1: ${logits.join(' ')}`);

  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(folder, name)));
  const sizes = scripts.map((script) => [script.length, gzipSync(script, { level: 9 }).length]);
  expect(sizes).toHaveLength(1);
  console.log(`${bundler}: ${sizes[0][0]} bytes of JavaScript, wasm included, ${sizes[0][1]} gzipped`);
  expect(sizes[0][1]).toBeLessThan(18_000);
});
