import { expect, test } from 'vitest';
import { formatBytes } from '../../src/core/format-bytes.js';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [1024 * 1023.9, '1023.9 KiB'],
  [1024 * 1023.96, '1.0 MiB'],
  [437 * 2 ** 20, '437.0 MiB'],
  [2 ** 32, '4.0 GiB'],
  [2 ** 52, '4096.0 TiB'],
])('%d bytes: %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
