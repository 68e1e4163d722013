/**
 * The functions of `bitgauss/kernels`, on whatever instantiates kernels.wasm.
 *
 * @module
 */
import { type SampleGaussianOptions, sampleGaussian } from './gaussian.js';
import { createHammingIndex, type HammingIndex, hammingDistances, hammingTopK, type Neighbors } from './hamming.js';
import { type Instantiate, SharedInstance } from './instance.js';
import { packSigns, type XnorConv2dOptions, xnorConv2d, xnorGemm } from './products.js';

/**
 * Packed bits are those of a model file: a `Uint8Array` [rows][ceil(columns / 8)], bit i of byte j is column 8 j + i, 0 = +1, 1 = -1, spare bits 0.
 * Every function copies its arrays into WebAssembly memory and its result out of it, and throws a `BitgaussError` that says what it got and expected.
 */
export interface KernelFunctions {
  /**
   * Signs as bits: values f32 [rows][columns] -> bits [rows][columns]. 0, -0 and NaN are +1.
   * `columns`: length of a row; by default all values are one row.
   */
  packSigns(values: Float32Array, columns?: number): Uint8Array;

  /** Products of rows of ±1: a bits [m][k], b bits [n][k] -> i32 [m][n], y[i][j] = a_i . b_j = k - 2 popcount(a_i xor b_j). */
  xnorGemm(a: Uint8Array, b: Uint8Array, k: number): Int32Array;

  /**
   * Convolution of ±1 maps with ±1 filters: x bits [images][height][width][channels], w bits [filters][kernel height][kernel width][channels]
   * -> i32 [images][H'][W'][filters], H' = floor((height + 2 padding - kernel height) / stride) + 1, W' alike.
   */
  xnorConv2d(x: Uint8Array, w: Uint8Array, options: XnorConv2dOptions): Int32Array;

  /** Bits that differ: codes [count][bits], queries [queries][bits], one or more -> i32 [queries][count]. */
  hammingDistances(codes: Uint8Array, queries: Uint8Array, bits: number): Int32Array;

  /**
   * The `k` nearest codes of each query, all where there are fewer: codes [count][bits], queries [queries][bits], one or more
   * -> indices and distances [queries][min(k, count)]. For many searches in the same codes, `createHammingIndex` copies them once.
   */
  hammingTopK(codes: Uint8Array, queries: Uint8Array, k: number, bits: number): Neighbors;

  /** An index over codes [count][bits], which it copies: searches then copy only queries and results. */
  createHammingIndex(codes: Uint8Array, bits: number): HammingIndex;

  /**
   * Draws of a low-rank Gaussian -> f32 [samples][n], w = mean + sum over k of r_k factor_k + diagonal * g, added up in this order in f32.
   * The same (seed, stream, step) gives the same bits on every host; `packSigns(draws, n)` are binary weights.
   */
  sampleGaussian(options: SampleGaussianOptions): Float32Array;
}

/** Nothing is instantiated before the first call. */
export function createKernels(instantiate: Instantiate): KernelFunctions {
  const shared = new SharedInstance(instantiate);
  return {
    packSigns: (values, columns = values?.length || 1) => packSigns(shared, values, columns),
    xnorGemm: (a, b, k) => xnorGemm(shared, a, b, k),
    xnorConv2d: (x, w, options) => xnorConv2d(shared, x, w, options),
    hammingDistances: (codes, queries, bits) => hammingDistances(shared, codes, queries, bits),
    hammingTopK: (codes, queries, k, bits) => hammingTopK(shared, codes, queries, k, bits),
    createHammingIndex: (codes, bits) => createHammingIndex(instantiate, codes, bits),
    sampleGaussian: (options) => sampleGaussian(shared, options),
  };
}
