/**
 * One instance of the inference binary with its memory.
 *
 * @module
 */
import embedded from '#wasm/inference';
import { BitgaussError } from '../core/errors.js';
import { compileSync, type EmbeddedBinary } from '../wasm/binary.js';
import { INFERENCE_SCRATCH_BYTES, type Split } from '../wasm/kernels.js';
import { decodeText } from '../wasm/text.js';
import type { RunKernel } from './op.js';
import { requireMemory } from './plan.js';

const PAGE = 65536;
/** Vector loads may read this many bytes past a buffer. */
const SLACK = 1024;

type Kernel = (...parameters: number[]) => void;

/** The embedded binary: a text, until it is compiled. */
let binary: EmbeddedBinary = embedded;

/** The embedded module. */
export function inferenceModule(): WebAssembly.Module {
  if (typeof binary === 'string') binary = compileSync('inference', decodeText(binary));
  return binary;
}

export class InferenceRuntime {
  readonly memory: WebAssembly.Memory;
  readonly #exports: Record<string, Kernel>;
  readonly #scratch: number;
  readonly #split: Split | undefined;

  private constructor(instance: WebAssembly.Instance, memory: WebAssembly.Memory, split: Split | undefined) {
    this.memory = memory;
    this.#scratch = Math.ceil((instance.exports.heapBase as WebAssembly.Global).value / 64) * 64;
    this.#exports = instance.exports as Record<string, Kernel>;
    this.#split = split;
  }

  /** `module`: inference.wasm. */
  static create(module: WebAssembly.Module = inferenceModule(), split?: Split): InferenceRuntime {
    const memory = new WebAssembly.Memory({ initial: 1 });
    try {
      return new InferenceRuntime(new WebAssembly.Instance(module, { env: { memory } }), memory, split);
    } catch (cause) {
      throw new BitgaussError('argument', 'module: got another binary, expected bitgauss/wasm/inference.wasm of this version', { cause });
    }
  }

  /** Grows memory for `bytes` behind the scratch memory and returns their address, a multiple of 64. Called once: views before it are detached. */
  reserve(bytes: number): number {
    const pointer = this.#scratch + INFERENCE_SCRATCH_BYTES;
    const end = pointer + bytes + SLACK;
    requireMemory(end);
    const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    try {
      if (missing > 0) this.memory.grow(missing);
    } catch (cause) {
      throw new BitgaussError('unsupported', `memory: the host refused to grow to ${Math.ceil(end / 2 ** 20)} MiB`, { cause });
    }
    return pointer;
  }

  readonly run: RunKernel = (name, items, ...parameters) => {
    const kernel = this.#exports[name];
    if (this.#split === undefined) kernel(this.#scratch, ...parameters, 0, items);
    else for (const [begin, end] of this.#split(items)) kernel(this.#scratch, ...parameters, begin, end);
  };
}
