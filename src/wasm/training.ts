/**
 * The training binary in memory of its own. It is built for shared memory; bytes are made to import plain memory where one thread works alone, a
 * compiled module cannot be changed and always gets shared memory. The bits are the same.
 *
 * @module
 */
import embedded from '#wasm/training';
import { BitgaussError } from '../core/errors.js';
import { compileError, download, type EmbeddedBinary, inflateBinary, isModule, type ModuleSource, requireWasm } from './binary.js';
import { unshare } from './unshared.js';

export interface TrainingInstance {
  readonly instance: WebAssembly.Instance;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** The embedded binary, and what was compiled from it: for plain and for shared memory. */
const own: { readonly binary: EmbeddedBinary; plain?: WebAssembly.Module; shared?: WebAssembly.Module } = { binary: embedded };

/** `source`: training.wasm, by default the embedded one. `shared`: whether threads will share its memory; `pages` of 64 KiB to begin with. */
export async function instantiateTraining(
  source: ModuleSource | PromiseLike<ModuleSource> | undefined,
  { pages, shared }: { pages: number; shared: boolean },
): Promise<TrainingInstance> {
  const given = source === undefined ? own.binary : await download(source);
  const fixed = isModule(given);
  const module = fixed
    ? given
    : source === undefined
      ? await compileOwn(shared)
      : await compileFor(shared, requireWasm('training', given).slice());
  const memory = createMemory(pages, shared || fixed);
  try {
    return { instance: await WebAssembly.instantiate(module, { env: { memory } }), module, memory };
  } catch (cause) {
    throw new BitgaussError('argument', 'module: got another binary, expected bitgauss/wasm/training.wasm of this version', { cause });
  }
}

/** Once for each kind of memory. */
async function compileOwn(shared: boolean): Promise<WebAssembly.Module> {
  const kind = shared ? 'shared' : 'plain';
  own[kind] ??= await compileFor(shared, await inflateBinary(own.binary as string));
  return own[kind];
}

/** Changes `bytes`. */
async function compileFor(shared: boolean, bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  if (!shared) unshare(bytes);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw compileError('training', cause);
  }
}

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: 65536, shared });
  } catch (cause) {
    const hint = shared ? '; without shared memory, pass the bytes of bitgauss/wasm/training.wasm instead of a module' : '';
    throw new BitgaussError('unsupported', `memory: the host refused to make one (${(cause as Error).message})${hint}`, { cause });
  }
}
