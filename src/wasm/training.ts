/**
 * The training binary, and further sets of kernels, in one memory. Bytes are made for plain memory where one thread works alone; a compiled module
 * cannot be changed and always gets shared memory. The bits are the same.
 *
 * @module
 */
import embedded from '#wasm/training';
import { BitgaussError } from '../core/errors.js';
import { download, isModule, type ModuleSource, requireWasm } from './binary.js';
import { compileFor, compileSet, createMemory, type KernelSet } from './kernel-set.js';

export interface TrainingInstance {
  /** Of the training binary, then of the further sets. */
  readonly exports: readonly WebAssembly.Exports[];
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
}

const own: KernelSet = { name: 'training', binary: embedded };

/**
 * `source`: training.wasm, by default the embedded one. `shared`: whether threads will share its memory; `pages` of 64 KiB to begin with; `sets`:
 * further kernels.
 */
export async function instantiateTraining(
  source: ModuleSource | PromiseLike<ModuleSource> | undefined,
  { pages, shared, sets }: { pages: number; shared: boolean; sets: readonly KernelSet[] },
): Promise<TrainingInstance> {
  const given = source === undefined ? own.binary : await download(source);
  const fixed = isModule(given);
  const sharing = shared || fixed;
  const module = fixed
    ? given
    : source === undefined
      ? await compileSet(own, sharing)
      : await compileFor('training', sharing, requireWasm('training', given).slice());
  const memory = createMemory(pages, sharing);
  const further = await Promise.all(sets.map((set) => compileSet(set, sharing)));
  const modules = [module, ...further];
  try {
    const instances = await Promise.all(modules.map((each) => WebAssembly.instantiate(each, { env: { memory } })));
    return { exports: instances.map((instance) => instance.exports), modules, memory };
  } catch (cause) {
    throw new BitgaussError('argument', 'module: got another binary, expected bitgauss/wasm/training.wasm of this version', { cause });
  }
}
