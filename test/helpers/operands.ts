/**
 * Operands of kernel cases: the same seeded numbers in every runtime.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { put } from './memory.js';
import { TestRandom } from './random.js';

export interface KernelCall {
  items: number;
  parameters: number[];
  /** [address, bytes] of everything that the kernel writes. */
  outputs: [number, number][];
}

/** Prepares operands in a runtime's memory, the same ones every time. */
export type KernelCase = (runtime: Runtime) => KernelCall;

export const GROUPS = 2;
export const IMAGES = 64 * GROUPS;
export const seeded = (): TestRandom => new TestRandom(42);

export const floats = (runtime: Runtime, count: number, low = -1, high = 1): number =>
  put(runtime, Float32Array.from(seeded().array(count, (r) => r.f32(low, high))));
export const int8s = (runtime: Runtime, count: number, limit: number): number =>
  put(runtime, Int8Array.from(seeded().array(count, (r) => r.integer(-limit, limit))));
export const int16s = (runtime: Runtime, count: number, limit: number): number =>
  put(runtime, Int16Array.from(seeded().array(count, (r) => r.integer(-limit, limit))));
export const words = (runtime: Runtime, count: number): number =>
  put(runtime, Uint32Array.from(seeded().array(count * 2, (r) => r.integer(0, 0xffffffff))));
