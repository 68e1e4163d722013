import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import inference from '#wasm/inference';
import kernels from '#wasm/kernels';
import { encodeText } from '../../scripts/wasm-text.mjs';
import { decodeText } from '../../src/wasm/text.js';
import { TestRandom } from '../helpers/random.js';

it('gives back any bytes', () => {
  const numbers = new TestRandom(1);
  const skewed = Uint8Array.from({ length: 5000 }, () => Math.floor(256 * numbers.uniform() ** 4));
  for (const bytes of [Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(0), new Uint8Array(7).fill(255), skewed]) {
    const text = encodeText(bytes);
    expect(decodeText(text)).toEqual(bytes);
    expect(text).toMatch(/^[#%&(-;=-[\]^_a-~]*$/);
  }
  // Two characters for the 171 rare values only.
  expect(encodeText(Uint8Array.from({ length: 256 }, (_, i) => i)).length).toBe(64 + 85 + 2 * 171);
  expect(encodeText(skewed).length).toBeLessThan(64 + 1.5 * skewed.length);
});

it.each([
  ['inference', inference],
  ['kernels', kernels],
])('%s.wasm is embedded as it is', (name, text) => {
  const bytes = readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url));
  expect(Buffer.compare(decodeText(text as string), bytes)).toBe(0);
});
