// The inference kernels on memory that is full of garbage, so that nothing may count on zeros.
import { type Activation, KIND_BYTES } from '../../src/inference/activation.js';
import { InferenceRuntime } from '../../src/inference/runtime.js';
import type { Split } from '../../src/wasm/kernels.js';
import type { TestRandom } from './random.js';

/** Item by item, from the last to the first. */
export const BACKWARDS: Split = (items) => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i] as const);
/** Odd cuts: [0, 1), [1, 3), [3, 6), ... */
export const GROWING: Split = (items) => {
  const ranges: [number, number][] = [];
  for (let begin = 0, size = 1; begin < items; begin += size++) ranges.push([begin, Math.min(items, begin + size)]);
  return ranges;
};

const GARBAGE = Uint8Array.from({ length: (4 << 20) + 256 }, (_, i) => (i * 37) ^ (i >> 7));

type Values = Uint8Array | Int8Array | Int16Array | Float32Array | BigUint64Array;

export class KernelMemory {
  readonly runtime: InferenceRuntime;
  readonly #start: number;
  readonly #end: number;
  #next: number;

  private constructor(runtime: InferenceRuntime, bytes: number) {
    this.runtime = runtime;
    this.#start = runtime.reserve(bytes);
    this.#end = this.#start + bytes;
    this.#next = this.#start;
  }

  static async create(split?: Split, bytes: number = 48 << 20): Promise<KernelMemory> {
    return new KernelMemory(await InferenceRuntime.create(undefined, split), bytes);
  }

  /** Frees everything and fills the first megabytes with garbage. */
  reset(numbers: TestRandom): void {
    this.#next = this.#start;
    const from = numbers.integer(1, 255);
    new Uint8Array(this.runtime.memory.buffer, this.#start).set(GARBAGE.subarray(from, from + (4 << 20)));
  }

  allocate(bytes: number): number {
    const pointer = this.#next;
    this.#next += Math.ceil(bytes / 64) * 64;
    if (this.#next > this.#end) throw new Error(`test memory: ${this.#next} > ${this.#end}`);
    return pointer;
  }

  copy(values: Values): number {
    const pointer = this.allocate(values.byteLength);
    new Uint8Array(this.runtime.memory.buffer, pointer, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return pointer;
  }

  /** A buffer for `activation`; address of position 0 of channel 0. */
  buffer(activation: Activation): number {
    return this.allocate(activation.bytes) + activation.offset;
  }

  /** Writes [H][W][C] values as planes. */
  write(activation: Activation, values: ArrayLike<number>): number {
    const address = this.buffer(activation);
    const { channels, step, memory } = this.#planes(activation, address);
    for (let i = 0; i < values.length; i++) memory[(i % channels) * step + Math.floor(i / channels)] = values[i];
    return address;
  }

  /** Reads planes as [H][W][C]. */
  read(activation: Activation, address: number): number[] {
    const { channels, step, memory } = this.#planes(activation, address);
    const length = activation.height * activation.width * channels;
    return Array.from({ length }, (_, i) => memory[(i % channels) * step + Math.floor(i / channels)]);
  }

  #planes({ kind, channels, stride }: Activation, address: number) {
    const { buffer } = this.runtime.memory;
    const type = kind === 'f32' ? Float32Array : kind === 'int16' ? Int16Array : Int8Array;
    return { channels, step: stride / KIND_BYTES[kind], memory: new type(buffer, address) };
  }
}
