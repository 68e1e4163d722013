/**
 * Hosts with web interfaces only: browsers, their workers, and edge workers. No files, no environment.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { webWorkersReason } from './threads.js';
import type { Files, Platform, PlatformFile, Thread } from './types.js';

/**
 * A message where channels exist: browsers delay nested timers by 4 ms. Edge workers have a wait of their own, and need it: there, messages come
 * before all timers (workerd 2026-10-23), so a timer that is to abort a run would never get its turn.
 */
function macrotask(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { wait?(ms: number): Promise<void> } };
  if (typeof scheduler?.wait === 'function') return scheduler.wait(0);
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

function noFiles(path: string): BitgaussError {
  return new BitgaussError('unsupported', `${path}: this host has no file system; fetch the data yourself and pass arrays instead`);
}

function threads(): { cores: number; reason?: string } {
  const reason = webWorkersReason();
  return reason === undefined ? { cores: navigator.hardwareConcurrency } : { cores: 1, reason };
}

function startThread(source: string, data: unknown, onMessage: (message: unknown) => void, onFailure: (reason: string) => void): Thread {
  // A rejection is not an error event of a worker: throw it in a turn of its own.
  const program = `onmessage = async ({ data }) => {
    try { await (${source})(data, (message) => postMessage(message)); } catch (error) { setTimeout(() => { throw error; }); }
  };`;
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = ({ data: message }) => {
    URL.revokeObjectURL(url);
    onMessage(message);
  };
  worker.onerror = ({ message }) => {
    URL.revokeObjectURL(url);
    onFailure(message);
  };
  worker.postMessage(data);
  return {
    async stop() {
      worker.terminate();
    },
  };
}

export const files: Files = {
  readFile: (path: string): Promise<Uint8Array | undefined> => Promise.reject(noFiles(path)),
  openFile: (path: string): Promise<PlatformFile | undefined> => Promise.reject(noFiles(path)),
  writeFile: (path: string): Promise<void> =>
    Promise.reject(new BitgaussError('unsupported', `${path}: this host has no file system; keep the bytes in a store of your own`)),
  environment: (): string | undefined => undefined,
  cacheDirectory: (): string | undefined => undefined,
  joinPath: (...segments: string[]): string => segments.join('/'),
};

export const platform: Platform = { macrotask, threads, startThread };
