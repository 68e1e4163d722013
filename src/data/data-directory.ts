/**
 * Where the files of data sets live: `<data directory>/<data set>/`.
 *
 * @module
 */
import { platform } from '#platform';
import { BitgaussError } from '../core/errors.js';

/** `option`, else the environment variable BITGAUSS_DATA, else `bitgauss` in the user's cache directory. */
export function resolveDataDirectory(option?: string): string {
  const chosen = option || platform.environment('BITGAUSS_DATA');
  if (chosen) return chosen;
  const cache = platform.cacheDirectory();
  if (cache === undefined) {
    throw new BitgaussError('unsupported', 'data directory: this host has none; pass arrays to arrayDataset() or use the set "digits"');
  }
  return platform.joinPath(cache, 'bitgauss');
}
