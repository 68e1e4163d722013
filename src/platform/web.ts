/**
 * Hosts with web interfaces only: browsers, their workers, and edge workers. No files, no environment.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import type { Platform } from './types.js';

/** A message where channels exist: browsers delay nested timers by 4 ms. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export const platform: Platform = {
  readFile: (path: string): Promise<Uint8Array | undefined> =>
    Promise.reject(
      new BitgaussError('unsupported', `${path}: this host has no file system; fetch the data yourself and pass arrays instead`),
    ),
  writeFile: (path: string): Promise<void> =>
    Promise.reject(new BitgaussError('unsupported', `${path}: this host has no file system; keep the bytes in a store of your own`)),
  environment: (): string | undefined => undefined,
  cacheDirectory: (): string | undefined => undefined,
  joinPath: (...segments: string[]): string => segments.join('/'),
  macrotask,
};
