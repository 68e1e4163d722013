import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { resolveDataDirectory } from '../../src/data/data-directory.js';
import { files } from '../../src/platform/node.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('option, then BITGAUSS_DATA, then the cache directory', () => {
  vi.stubEnv('BITGAUSS_DATA', 'from-environment');
  vi.spyOn(files, 'cacheDirectory').mockReturnValue('cache');
  expect(resolveDataDirectory('from-option')).toBe('from-option');
  expect(resolveDataDirectory()).toBe('from-environment');
  vi.stubEnv('BITGAUSS_DATA', '');
  expect(resolveDataDirectory()).toBe(join('cache', 'bitgauss'));
});

test('a host without a cache directory says what to do', () => {
  vi.stubEnv('BITGAUSS_DATA', '');
  vi.spyOn(files, 'cacheDirectory').mockReturnValue(undefined);
  expect(() => resolveDataDirectory()).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(/arrayDataset/) }),
  );
});
