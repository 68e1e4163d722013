import { describe, expect, it } from 'vitest';
import type { KernelFunctions } from '../../src/kernels/kernel-functions.js';
import { KERNELS } from '../helpers/kernel-bindings.js';

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const map = { height: 4, width: 4, channels: 8, kernelSize: 3 };
const mean = new Float32Array(4);

const MISTAKES: Record<string, [(kernels: KernelFunctions) => unknown, string]> = {
  'values as numbers': [(k) => k.packSigns([1, 2] as never), 'values: got [1, 2], expected a Float32Array, Float32Array.from(values)'],
  'values of another type': [
    (k) => k.packSigns(new Float64Array(2) as never),
    'values: got Float64Array of 16 bytes, expected a Float32Array, Float32Array.from(values)',
  ],
  'no values': [(k) => k.packSigns(undefined as never), 'values: got undefined, expected a Float32Array, Float32Array.from(values)'],
  'rows that are not whole': [(k) => k.packSigns(new Float32Array(7), 3), 'values.length: got 7, expected a multiple of 3 columns'],
  'no columns': [(k) => k.packSigns(new Float32Array(7), 0), 'columns: got 0, expected a whole number from 1 to 134217728'],
  'codes that are not whole': [
    (k) => k.hammingDistances(bytes(130), bytes(64), 512),
    'codes: got Uint8Array of 130 bytes, expected a multiple of 64 bytes, ceil(512 / 8) for each code',
  ],
  'codes as words': [
    (k) => k.hammingDistances(new Uint32Array(16) as never, bytes(64), 512),
    'codes: got Uint32Array of 64 bytes, expected a Uint8Array, as packSigns returns it',
  ],
  'a query of another length': [
    (k) => k.hammingTopK(bytes(128), bytes(32), 1, 512),
    'queries: got Uint8Array of 32 bytes, expected a multiple of 64 bytes, ceil(512 / 8) for each query',
  ],
  'spare bits': [
    (k) => k.hammingDistances(Uint8Array.of(255, 3, 255, 4), bytes(2), 10),
    'codes[3]: got 4, expected zeros above bit 1: 10 bits leave 6 to spare',
  ],
  'no bits': [
    (k) => k.hammingTopK(bytes(8), bytes(8), 1, undefined as never),
    'bits: got undefined, expected a whole number from 1 to 134217728',
  ],
  'k of 0': [(k) => k.hammingTopK(bytes(8), bytes(8), 0, 64), 'k: got 0, expected a whole number of at least 1'],
  'a fractional k': [(k) => k.createHammingIndex(bytes(8), 64).topK(bytes(8), 1.5), 'k: got 1.5, expected a whole number of at least 1'],
  'a query that an index cannot take': [
    (k) => k.createHammingIndex(bytes(16), 64).distances(bytes(9)),
    'queries: got Uint8Array of 9 bytes, expected a multiple of 8 bytes, ceil(64 / 8) for each query',
  ],
  'a product too large': [
    (k) => k.xnorGemm(bytes(20000), bytes(20000), 8),
    'xnorGemm: got a result of 20000 x 20000 elements, expected at most 268435440; pass fewer rows at a time',
  ],
  'rows of a product': [
    (k) => k.xnorGemm(bytes(8), bytes(9), 64),
    'b: got Uint8Array of 9 bytes, expected a multiple of 8 bytes, ceil(64 / 8) for each row',
  ],
  'no options': [
    (k) => k.xnorConv2d(bytes(16), bytes(9), undefined as never),
    'options: got undefined, expected an object such as { height: 32, width: 32, channels: 128, kernelSize: 3, padding: 1 }',
  ],
  'half a map': [
    (k) => k.xnorConv2d(bytes(24), bytes(9), map),
    'x: got Uint8Array of 24 bytes, expected a multiple of 4 x 4 x 1 bytes, whole maps',
  ],
  'half a filter': [
    (k) => k.xnorConv2d(bytes(16), bytes(10), map),
    'w: got Uint8Array of 10 bytes, expected a multiple of 3 x 3 x 1 bytes, whole filters',
  ],
  'a kernel larger than the map': [
    (k) => k.xnorConv2d(bytes(16), bytes(36), { ...map, kernelSize: [3, 7], padding: 1 }),
    'kernelSize: got 7, expected a whole number from 1 to 6',
  ],
  'too many products for a sum': [
    (k) => k.xnorConv2d(bytes(16), bytes(9), { ...map, channels: 3641 }),
    'channels: got 3641, expected a whole number from 1 to 3640',
  ],
  'stride 0': [(k) => k.xnorConv2d(bytes(16), bytes(9), { ...map, stride: 0 }), 'stride: got 0, expected a whole number from 1 to 255'],
  'a mean as numbers': [
    (k) => k.sampleGaussian({ mean: [0, 1] as never }),
    'mean: got [0, 1], expected a Float32Array, Float32Array.from(mean)',
  ],
  'no mean': [(k) => k.sampleGaussian({ mean: new Float32Array(0) }), 'mean: got Float32Array of 0 bytes, expected at least one element'],
  'a factor of another size': [
    (k) => k.sampleGaussian({ mean, factor: new Float32Array(6) }),
    'factor.length: got 6, expected rank x 4, as many as mean has for each of up to 65535 directions',
  ],
  'a diagonal of another size': [
    (k) => k.sampleGaussian({ mean, diagonal: new Float32Array(3) }),
    'diagonal.length: got 3, expected 4, as many as mean has',
  ],
  'a negative seed': [(k) => k.sampleGaussian({ mean, seed: -1 }), 'seed: got -1, expected a whole number of at least 0'],
  'a stream that is no name': [(k) => k.sampleGaussian({ mean, stream: 3 as never }), 'stream: got 3, expected a string'],
  'steps beyond the last': [
    (k) => k.sampleGaussian({ mean, step: 2 ** 32 - 1, samples: 2 }),
    'samples: got 2, expected a whole number from 1 to 1',
  ],
  'too many samples': [
    (k) => k.sampleGaussian({ mean, samples: 2 ** 27 }),
    'sampleGaussian: got a result of 134217728 x 4 elements, expected at most 268435440; pass fewer rows at a time',
  ],
};

describe.each(KERNELS)('over %s', (_, kernels) => {
  it.each(Object.entries(MISTAKES))('%s', (_, [mistake, message]) => {
    expect(() => mistake(kernels)).toThrow(expect.objectContaining({ name: 'BitgaussError', code: 'argument', message }));
  });

  it('views, subarrays, Buffers and shared memory are taken as they are', () => {
    const codes = new Uint8Array(new SharedArrayBuffer(4));
    codes.set([9, 1, 2, 9]);
    expect([...kernels.hammingDistances(codes.subarray(1, 3), Buffer.from([3]), 8)]).toEqual([1, 1]);
  });
});
