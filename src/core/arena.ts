/**
 * The one allocator: buffers in a wasm memory, laid out once, never freed one by one.
 *
 * Addresses are JavaScript numbers from 0 to 2^32 - 1; wasm32 hands them back as signed integers, so `>>> 0` what a kernel returns.
 *
 * @module
 */
import { BitgaussError } from './errors.js';

/** What a buffer holds, for memory reports. */
export type MemoryUse = 'parameters' | 'gradients' | 'optimizer' | 'activations' | 'workspace' | 'data';

const PAGE = 65536;
const MAX_PAGES = 65536;
/** Kernels may read this many bytes past a buffer: whole vectors, and argmax rows of the spare channels of a tile, 31 * 64 bytes (block_dx). */
const SLACK = 2048;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Map<MemoryUse, number> = new Map();
  #next: number;

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.#next = Math.ceil(start / 64) * 64;
  }

  /** Zeroed memory, 64-byte aligned. Throws when the 4 GiB of wasm32 are used up. */
  allocate(bytes: number, use: MemoryUse): number {
    const pointer = this.#next;
    const end = pointer + Math.ceil(bytes / 64) * 64;
    const pages = Math.ceil((end + SLACK) / PAGE);
    if (pages > MAX_PAGES) {
      const gib = (end / 2 ** 30).toFixed(1);
      throw new BitgaussError(
        'unsupported',
        `memory: this configuration needs ${gib} GiB, more than the 4 GiB of wasm32; use a smaller batch or network`,
      );
    }
    const missing = pages - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch (cause) {
        throw new BitgaussError('unsupported', `memory: the host refused to grow to ${Math.ceil((pages * PAGE) / 2 ** 20)} MiB`, { cause });
      }
    }
    this.#next = end;
    this.bytes.set(use, (this.bytes.get(use) ?? 0) + end - pointer);
    return pointer;
  }

  /** Views are made for one use: memory may grow, and then they are detached. */
  u8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }
  i8(pointer: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, pointer, length);
  }
  i16(pointer: number, length: number): Int16Array {
    return new Int16Array(this.memory.buffer, pointer, length);
  }
  i32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }
  u32(pointer: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }
  f32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }
  f64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length);
  }
}
