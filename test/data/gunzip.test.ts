import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gunzip, isGzip } from '../../src/data/gunzip.js';

const content = Uint8Array.from({ length: 300000 }, (_, i) => (i * i) >>> 3);
const packed = gzipSync(content);

test('unpacks what zlib packed', async () => {
  expect(isGzip(packed)).toBe(true);
  expect(isGzip(content)).toBe(false);
  expect(isGzip(packed.subarray(0, 1))).toBe(false);
  expect(Buffer.compare(await gunzip({ name: 'f', bytes: packed }), content)).toBe(0);
});

test('stops at its limit', async () => {
  expect(await gunzip({ name: 'f', bytes: packed }, 300000)).toHaveLength(300000);
  await expect(gunzip({ name: 'f', bytes: packed }, 299999)).rejects.toThrow(/^f: unpacked size: got more than 299999 bytes/);
});

test.each([
  ['truncated', packed.subarray(0, -1)],
  ['a flipped checksum bit', packed.map((byte, i) => (i === packed.length - 8 ? byte ^ 1 : byte))],
  ['a flipped length bit', packed.map((byte, i) => (i === packed.length - 1 ? byte ^ 1 : byte))],
  ['an unknown method', packed.map((byte, i) => (i === 2 ? 7 : byte))],
  ['not gzip', content],
])('rejects %s', async (_, bytes) => {
  await expect(gunzip({ name: 'f', bytes })).rejects.toMatchObject({
    code: 'data',
    message: expect.stringMatching(/^f: damaged gzip data \(/),
  });
});
