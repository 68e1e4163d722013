/**
 * Buffers in a runtime's memory, by value.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigUint64Array;

/** Copies an array into new memory and returns its address. */
export function put(runtime: Runtime, values: TypedArray): number {
  const pointer = runtime.arena.allocate(values.byteLength, 'workspace');
  runtime.arena.u8(pointer, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return pointer;
}

/** New memory full of 0xaa, so that a kernel that leaves a byte alone is seen. */
export function dirty(runtime: Runtime, bytes: number): number {
  const pointer = runtime.arena.allocate(bytes, 'workspace');
  runtime.arena.u8(pointer, bytes).fill(0xaa);
  return pointer;
}

export function f32(values: ArrayLike<number>): Float32Array {
  return Float32Array.from(values);
}

/** Index and values of the first difference, or undefined: cheaper to report than two long arrays. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 0): string | undefined {
  if (actual.length !== expected.length) return `length ${actual.length}, expected ${expected.length}`;
  for (let i = 0; i < actual.length; i++) {
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) return `[${i}]: ${actual[i]}, expected ${expected[i]}`;
  }
  return undefined;
}

/** Smallest and largest value. */
export function range(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}
