import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { platform as node } from '../../src/platform/node.js';
import { platform as web } from '../../src/platform/web.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('node', () => {
  test('readFile gives the bytes, undefined for a missing file, an error for a folder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bitgauss-'));
    try {
      const path = node.joinPath(directory, 'three');
      await writeFile(path, Uint8Array.of(1, 0, 255));
      expect([...((await node.readFile(path)) ?? [])]).toEqual([1, 0, 255]);
      expect(await node.readFile(join(directory, 'none'))).toBeUndefined();
      expect(await node.readFile(join(path, 'below-a-file'))).toBeUndefined();
      await expect(node.readFile(directory)).rejects.toMatchObject({ code: 'data', message: expect.stringContaining(directory) });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('environment reads a variable', () => {
    vi.stubEnv('BITGAUSS_TEST', 'x');
    expect(node.environment('BITGAUSS_TEST')).toBe('x');
    expect(node.environment('BITGAUSS_TEST_ABSENT')).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('cacheDirectory follows XDG_CACHE_HOME where it is absolute', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/somewhere/cache');
    expect(node.cacheDirectory()).toBe('/somewhere/cache');
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    expect(node.cacheDirectory()).toBe(join(homedir(), '.cache'));
    vi.stubEnv('XDG_CACHE_HOME', '');
    expect(node.cacheDirectory()).toBe(join(homedir(), '.cache'));
  });
});

describe('web', () => {
  test('has no files, no environment, no cache', async () => {
    await expect(web.readFile('a/b')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/a\/b.*no file system.*arrays/),
    });
    expect(web.environment('PATH')).toBeUndefined();
    expect(web.cacheDirectory()).toBeUndefined();
    expect(web.joinPath('a', 'b', 'c')).toBe('a/b/c');
  });

  test('macrotask works without MessageChannel', async () => {
    vi.stubGlobal('MessageChannel', undefined);
    await web.macrotask();
  });
});

test.each([
  ['node', node],
  ['web', web],
])('%s: macrotask runs after every microtask', async (_, platform) => {
  const order: string[] = [];
  const later = platform.macrotask().then(() => order.push('macrotask'));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  order.push('microtasks');
  await later;
  expect(order).toEqual(['microtasks', 'macrotask']);
});
