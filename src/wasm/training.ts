/**
 * The training binary in memory of its own. It is built for shared memory; bytes are made to import plain memory where one thread works alone, a
 * compiled module cannot be changed and always gets shared memory. The bits are the same.
 *
 * @module
 */
import embedded from '#wasm/training';
import { BitgaussError } from '../core/errors.js';
import {
  compileError,
  decodeBinary,
  download,
  type EmbeddedBinary,
  isModule,
  type ModuleBytes,
  type ModuleSource,
  requireWasm,
} from './binary.js';
import { unshare } from './unshared.js';

export interface TrainingInstance {
  readonly instance: WebAssembly.Instance;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Embedded modules that are compiled: for plain and for shared memory. */
const compiled: Map<boolean, WebAssembly.Module> = new Map();

/** `source`: training.wasm, by default the embedded one. `shared`: whether threads will share its memory; `pages` of 64 KiB to begin with. */
export async function instantiateTraining(
  source: ModuleSource | PromiseLike<ModuleSource> | undefined,
  { pages, shared }: { pages: number; shared: boolean },
): Promise<TrainingInstance> {
  const given = source === undefined ? embedded : await download(source);
  const fixed = isModule(given);
  const module = fixed ? given : await compileFor(shared, given, source === undefined);
  const memory = createMemory(pages, shared || fixed);
  try {
    return { instance: await WebAssembly.instantiate(module, { env: { memory } }), module, memory };
  } catch (cause) {
    throw new BitgaussError('argument', 'module: got another binary, expected bitgauss/wasm/training.wasm of this version', { cause });
  }
}

/** `own`: `given` is the embedded text, compiled once for each kind of memory. */
async function compileFor(shared: boolean, given: EmbeddedBinary | ModuleBytes, own: boolean): Promise<WebAssembly.Module> {
  const known = own ? compiled.get(shared) : undefined;
  if (known !== undefined) return known;
  const bytes = own ? await decodeBinary(given as string) : requireWasm('training', given).slice();
  if (!shared) unshare(bytes);
  try {
    const module = await WebAssembly.compile(bytes);
    if (own) compiled.set(shared, module);
    return module;
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
