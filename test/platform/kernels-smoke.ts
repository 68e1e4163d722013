/**
 * What every host must agree on about `bitgauss/kernels`: one run through its functions. No host global, no module: a runner bundles or strips it, calls
 * `kernelsSmoke(await import('bitgauss/kernels'))` and compares with `kernels-smoke.json`, value by value. kernels-smoke.test.ts ties the stored
 * values to the definitions.
 *
 * @module
 */
import type { KernelFunctions } from '../../src/kernels/kernel-functions.js';

/** Bytes from a linear congruential generator, the same on every host. */
export function smokeBytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** Multiples of 1/64 in [-2, 2), exact in f32. */
export function smokeFloats(length: number, seed: number): Float32Array {
  return Float32Array.from(smokeBytes(length, seed), (byte) => (byte - 128) / 64);
}

/** Length and FNV-1a of the bytes of an array: equal for equal bits. */
export function digest({ buffer, byteOffset, byteLength, length }: Uint8Array | Int32Array | Uint32Array | Float32Array): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${length}:${(hash >>> 0).toString(16).padStart(8, '0')}`;
}

export const SMOKE_CONV = { height: 9, width: 7, channels: 72, kernelSize: 3, stride: 2, padding: 1 } as const;
export const SMOKE_GAUSSIAN = { seed: 2 ** 40 + 7, stream: 'smoke', step: 11, samples: 3 } as const;

export function kernelsSmoke(kernels: KernelFunctions): Record<string, string> {
  const [codes, queries] = [smokeBytes(64 * 300, 1), smokeBytes(64 * 2, 2)];
  const found = kernels.hammingTopK(codes, queries, 5, 512);
  const index = kernels.createHammingIndex(codes, 512);
  const stored = index.topK(queries, 5);
  const [mean, factor, diagonal] = [smokeFloats(101, 5), smokeFloats(202, 6), smokeFloats(101, 7)];
  let refused = 'nothing';
  try {
    kernels.hammingDistances(codes, queries, 500);
  } catch (error) {
    refused = (error as Error).message;
  }
  return {
    packSigns: digest(kernels.packSigns(smokeFloats(5 * 37, 3), 37)),
    xnorGemm: digest(kernels.xnorGemm(codes, queries, 512)),
    xnorConv2d: digest(kernels.xnorConv2d(smokeBytes(2 * 9 * 7 * 9, 3), smokeBytes(11 * 9 * 9, 4), SMOKE_CONV)),
    hammingDistances: digest(kernels.hammingDistances(codes, queries, 512)),
    hammingTopK: `${[...found.indices]} at ${[...found.distances]}`,
    index: `${[...stored.indices]} at ${[...stored.distances]}`,
    indexDistances: digest(index.distances(queries)),
    sampleGaussian: digest(kernels.sampleGaussian({ mean, factor, diagonal, ...SMOKE_GAUSSIAN })),
    refused,
  };
}
