/**
 * The one allocator: buffers in a wasm memory, laid out once, never freed one by one.
 *
 * Addresses are JavaScript numbers from 0 to 2^32 - 1; wasm32 hands them back as signed integers, so `>>> 0` what a kernel returns.
 *
 * @module
 */
import { BitgaussError } from './errors.js';
import { formatBytes } from './format-bytes.js';

/**
 * What a buffer holds, for memory reports. `parameters`: all that the network itself reads; `optimizer`: all that methods and optimizers
 * keep behind it, such as latent weights and moments; `activations`: kept until the backward pass; `workspace`: reused step by step; `data`: the batch.
 */
export type MemoryUse = 'parameters' | 'gradients' | 'optimizer' | 'activations' | 'workspace' | 'data';

/** One buffer in the books. */
export interface Allocation {
  /** The step that it belongs to; '' for what all share. */
  owner: string;
  use: MemoryUse;
  /** With padding to 64. */
  bytes: number;
}

const PAGE = 65536;
const MAX_PAGES = 65536;
/** Kernels may read this many bytes past a buffer: whole vectors, and argmax rows of the spare channels of a tile, 31 * 64 bytes (block_dx). */
const SLACK = 2048;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly allocations: Allocation[] = [];
  readonly #start: number;
  #next: number;
  #owner = '';

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.#start = Math.ceil(start / 64) * 64;
    this.#next = this.#start;
  }

  /** The step that allocations are booked to now; '' where none is. */
  get owner(): string {
    return this.#owner;
  }

  /** Books what `allocate` lays out to `owner`. */
  attribute<T>(owner: string, allocate: () => T): T {
    const outer = this.#owner;
    this.#owner = owner;
    try {
      return allocate();
    } finally {
      this.#owner = outer;
    }
  }

  /** Zeroed memory, 64-byte aligned. Throws when the 4 GiB of wasm32 are used up. */
  allocate(bytes: number, use: MemoryUse): number {
    const pointer = this.#next;
    const end = pointer + Math.ceil(bytes / 64) * 64;
    this.grow(end, 'at least ');
    this.#next = end;
    this.allocations.push({ owner: this.#owner, use, bytes: end - pointer });
    return pointer;
  }

  /** Grows at once to `bytes` of allocations in all, so that a host that refuses does so before any work. */
  reserve(bytes: number): void {
    this.grow(this.#start + bytes, '');
  }

  /** Makes addresses below `end` usable. `quantity`: whether `end` is all that will be needed. */
  protected grow(end: number, quantity: 'at least ' | ''): void {
    const pages = Math.ceil((end + SLACK) / PAGE);
    const needs = (): string => `memory: this configuration needs ${quantity}${formatBytes(end)}`;
    if (pages > MAX_PAGES)
      throw new BitgaussError('unsupported', `${needs()}, more than the 4 GiB of wasm32; use a smaller batch or network`);
    const missing = pages - this.memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new BitgaussError('unsupported', `${needs()}, and the host refused to give so much; use a smaller batch or network`, { cause });
    }
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
