/**
 * Where the files of data sets live: `<data directory>/<data set>/`.
 *
 * @module
 */
import { files } from '#platform';
import { BitgaussError } from '../core/errors.js';

/** `option`, else the environment variable BITGAUSS_DATA, else `bitgauss` in the user's cache directory. */
export function resolveDataDirectory(option?: string): string {
  const chosen = option || files.environment('BITGAUSS_DATA');
  if (chosen) return chosen;
  const cache = files.cacheDirectory();
  if (cache === undefined) {
    throw new BitgaussError('unsupported', 'data directory: this host has none; pass arrays to arrayDataset() or use the set "digits"');
  }
  return files.joinPath(cache, 'bitgauss');
}
