/**
 * Binaries that work in the memory of training: built for shared memory, made to import plain memory where one thread works alone.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { compileError, type EmbeddedBinary, inflateBinary, isModule } from './binary.js';
import { unshare } from './unshared.js';

/** Kernels that come with the package in a binary of their own, and what was compiled of it: for plain and for shared memory. */
export interface KernelSet {
  /** Of the binary: `bitgauss/wasm/<name>.wasm`. */
  readonly name: string;
  readonly binary: EmbeddedBinary;
  plain?: WebAssembly.Module;
  shared?: WebAssembly.Module;
}

/** Once for each kind of memory. A module cannot be changed: it needs shared memory. */
export async function compileSet(set: KernelSet, shared: boolean): Promise<WebAssembly.Module> {
  if (isModule(set.binary)) return set.binary;
  const kind = shared ? 'shared' : 'plain';
  set[kind] ??= await compileFor(set.name, shared, await inflateBinary(set.binary));
  return set[kind];
}

/** Changes `bytes`. */
export async function compileFor(name: string, shared: boolean, bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  if (!shared) unshare(bytes);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw compileError(name, cause);
  }
}

/** Shared memory of `pages` of 64 KiB to begin with, or plain memory. */
export function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: 65536, shared });
  } catch (cause) {
    const hint = shared ? '; without shared memory, pass the bytes of bitgauss/wasm/training.wasm instead of a module' : '';
    throw new BitgaussError('unsupported', `memory: the host refused to make one (${(cause as Error).message})${hint}`, { cause });
  }
}
