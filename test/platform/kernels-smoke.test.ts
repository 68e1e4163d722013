// The smoke run in this process, and its stored values against the definitions.
import { expect, test } from 'vitest';
import { KERNELS } from '../helpers/kernel-bindings.js';
import { bitsOf, distances, nearest } from '../oracle/bits.js';
import { conv2d } from '../oracle/inference-conv2d.js';
import { draw } from '../oracle/low-rank-gaussian.js';
import { digest, kernelsSmoke, SMOKE_CONV, SMOKE_GAUSSIAN, smokeBytes, smokeFloats } from './kernels-smoke.js';
import stored from './kernels-smoke.json' with { type: 'json' };

/** ±1 [rows][columns] behind packed bits without spare ones. */
const signsOf = (packed: Uint8Array): number[] =>
  [...packed].flatMap((byte) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ((byte >> i) & 1 ? -1 : 1)));

test('the stored integers are those of the definitions', () => {
  const [codes, queries] = [smokeBytes(64 * 300, 1), smokeBytes(64 * 2, 2)];
  const far = distances(codes, queries, 512);
  const found = [0, 1].map((q) => nearest(codes, queries.slice(q * 64, q * 64 + 64), 5, 512));
  const list = `${found.flatMap(({ indices }) => indices)} at ${found.flatMap((one) => one.distances)}`;
  const gemm = distances(queries, codes, 512).map((distance) => 512 - 2 * distance);
  const { channels: cin, kernelSize, ...sizes } = SMOKE_CONV;
  const shape = { ...sizes, cin, cout: 11, kernelHeight: kernelSize, kernelWidth: kernelSize };
  const [x, w] = [smokeBytes(2 * 9 * 7 * 9, 3), smokeBytes(11 * 9 * 9, 4)].map(signsOf);
  const y = [0, 1].flatMap((image) => conv2d(x.slice(image * 63 * 72, (image + 1) * 63 * 72), w, shape));
  expect(stored).toMatchObject({
    packSigns: digest(bitsOf(smokeFloats(5 * 37, 3), 37)),
    xnorGemm: digest(Int32Array.from(gemm)),
    xnorConv2d: digest(Int32Array.from(y)),
    hammingDistances: digest(Int32Array.from(far)),
    indexDistances: digest(Int32Array.from(far)),
    hammingTopK: list,
    index: list,
    refused: 'codes: got Uint8Array of 19200 bytes, expected a multiple of 63 bytes, ceil(500 / 8) for each code',
  });
});

test.each(KERNELS)('over %s the run gives the stored values', (_, kernels) => {
  expect(kernelsSmoke(kernels)).toEqual(stored);
});

test.each(KERNELS)('over %s the draws behind the stored digest are those of the definition', (_, kernels) => {
  const [mean, factor, diagonal] = [smokeFloats(101, 5), smokeFloats(202, 6), smokeFloats(101, 7)];
  const draws = kernels.sampleGaussian({ mean, factor, diagonal, ...SMOKE_GAUSSIAN });
  const expected = [11, 12, 13].flatMap((step) => draw({ mean, factor, diagonal, ...SMOKE_GAUSSIAN, step }));
  expected.forEach((value, i) => {
    expect(Math.abs(draws[i] - value)).toBeLessThan(2 ** -18);
  });
});
