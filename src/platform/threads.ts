/**
 * Whether threads that share memory can be had here, asked of what the host offers, not of what it is called.
 *
 * @module
 */
import { builtinModule } from './builtin.js';

/** Why web workers cannot share memory with this thread and wait for it; undefined where they can. */
export function webWorkersReason(): string | undefined {
  if (typeof Worker === 'undefined') return 'this host has no Worker';
  if (globalThis.crossOriginIsolated === false) return 'the page is not cross-origin isolated (COOP and COEP headers)';
  if (typeof SharedArrayBuffer === 'undefined') return 'this host has no SharedArrayBuffer';
  if (typeof document !== 'undefined') return 'the thread of a page may not wait; train in a worker of it';
  return undefined;
}

/** Why there can be no threads, by Node's workers or those of the web; undefined where there can. */
export function threadsReason(): string | undefined {
  return builtinModule('node:worker_threads') === undefined ? webWorkersReason() : undefined;
}
