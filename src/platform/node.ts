/**
 * Node, and the hosts that offer its modules: Deno and Bun.
 *
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { BitgaussError } from '../core/errors.js';
import { writeAtomically } from './atomic-write.js';
import type { FilePart, Files, Platform, PlatformFile, Thread } from './types.js';

/** The XDG rule wants an absolute path; a relative one is ignored, as it asks. */
function cacheDirectory(): string {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  const configured = process.env.XDG_CACHE_HOME;
  return configured?.startsWith('/') ? configured : join(homedir(), '.cache');
}

function readError(path: string, cause: unknown): BitgaussError {
  return new BitgaussError('data', `${path}: cannot be read (${(cause as { code?: string }).code ?? String(cause)})`, { cause });
}

/** Opened anew for each call: nothing is left open when nobody reads any more. It costs 10 microseconds. */
function readParts(path: string, parts: readonly FilePart[]): void {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (const { offset, into } of parts) {
      for (let done = 0; done < into.length; ) {
        const count = readSync(file, into, done, into.length - done, offset + done);
        if (count === 0)
          throw new BitgaussError(
            'data',
            `${path}: got an end at ${offset + done} bytes, expected more: it has changed since it was opened`,
          );
        done += count;
      }
    }
  } catch (cause) {
    throw cause instanceof BitgaussError ? cause : readError(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function startThread(source: string, data: unknown, onMessage: (message: unknown) => void, onFailure: (reason: string) => void): Thread {
  const program = `const { parentPort, workerData } = require('node:worker_threads'); (${source})(workerData, (message) => parentPort.postMessage(message));`;
  const worker = new Worker(program, { eval: true, workerData: data });
  let stopped = false;
  const end = (reason: string): void => {
    if (!stopped) onFailure(reason);
    stopped = true;
  };
  worker.on('message', (message) => {
    worker.unref();
    onMessage(message);
  });
  worker.on('error', (error) => end(error.message));
  worker.on('exit', (code) => end(`it ended with code ${code}`));
  return {
    async stop() {
      stopped = true;
      await worker.terminate();
    },
  };
}

export const files: Files = {
  async readFile(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path);
    } catch (cause) {
      const code = (cause as { code?: string }).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw readError(path, cause);
    }
  },
  async openFile(path: string): Promise<PlatformFile | undefined> {
    const status = await stat(path).catch((cause) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
      throw readError(path, cause);
    });
    if (status === undefined) return undefined;
    if (!status.isFile()) throw readError(path, 'not a file');
    return { size: status.size, read: (parts) => readParts(path, parts) };
  },
  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    try {
      writeAtomically(path, bytes);
    } catch (cause) {
      const { code, message } = cause as { code?: string; message?: string };
      throw new BitgaussError('data', `${path}: cannot be written (${code ?? message}); choose another place`, { cause });
    }
  },
  environment: (name: string): string | undefined => process.env[name],
  cacheDirectory,
  joinPath: join,
};

export const platform: Platform = {
  macrotask: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
  threads: () => ({ cores: availableParallelism() }),
  startThread,
};
