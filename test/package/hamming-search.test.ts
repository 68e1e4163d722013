// examples/hamming-search from the tarball, on fewer codes. It fails by itself where one way of searching finds other codes than another.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { installExample } from '../helpers/example.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let cwd: string;

beforeAll(() => {
  cwd = installExample('hamming-search');
});

test('all ways find the same codes, nearest first, and say how long they took', () => {
  const run = (...args: string[]): string[] =>
    execFileSync(process.execPath, ['search.mjs', ...args], { cwd, encoding: 'utf8' })
      .trim()
      .split('\n');
  const [found, ...times] = run('3000', '512');
  expect(found).toMatch(/^nearest of 3000 codes of 512 bits: (\d+ \(\d+\)(, |$)){10}$/);
  const distances = [...found.matchAll(/\((\d+)\)/g)].map(([, distance]) => Number(distance));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(distances[9]).toBeLessThan(256); // closer than chance
  expect(times).toHaveLength(4);
  for (const line of times) expect(line).toMatch(/ \d+\.\d\d ms$/);
  expect(run('7', '64')[0]).toMatch(/: (\d \(\d+\)(, |$)){7}$/);
});

test.each(['README.md', 'docs/kernels-entry.md'])('the search in %s runs', (document) => {
  const [, code] = readFileSync(join(root, document), 'utf8').match(/```js\n(import \{ createHammingIndex[\s\S]*?)```/) ?? [];
  const arrays = `const embeddings = Float32Array.from({ length: 50 * 512 }, (_, i) => Math.sin(i * i));
    const question = embeddings.slice(7 * 512, 8 * 512);`;
  writeFileSync(join(cwd, 'document.mjs'), `${arrays}\n${code}\nconsole.log(indices[0], distances[0], indices.length);`);
  expect(execFileSync(process.execPath, ['document.mjs'], { cwd, encoding: 'utf8' })).toBe('7 0 10\n');
});
