import { describe, expect, it } from 'vitest';
import { KERNELS } from '../helpers/kernel-bindings.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { bitsOf } from '../oracle/bits.js';
import { type Conv2dSizes, conv2d } from '../oracle/inference-conv2d.js';

const conv = (
  [height, width, cin]: readonly [number, number, number],
  [kernelHeight, kernelWidth, cout]: readonly [number, number, number],
  stride: number,
  padding: number,
): Conv2dSizes => ({ height, width, cin, cout, kernelHeight, kernelWidth, stride, padding });

const CONVOLUTIONS: Record<string, Conv2dSizes> = {
  '3x3, 64 channels': conv([6, 5, 64], [3, 3, 8], 1, 1),
  '3x3, 65 channels to 9': conv([6, 5, 65], [3, 3, 9], 1, 1),
  '3x3 stride 2, 129 channels': conv([7, 8, 129], [3, 3, 17], 2, 1),
  '1x1, 7 channels to 1': conv([4, 4, 7], [1, 1, 1], 1, 0),
  '1x1 stride 3': conv([7, 7, 128], [1, 1, 8], 3, 0),
  '2x5, padding wider than the map': conv([2, 3, 24], [2, 5, 3], 1, 4),
  'a kernel as large as the map': conv([5, 6, 30], [5, 6, 10], 1, 0),
  'one position': conv([1, 1, 1000], [1, 1, 5], 1, 0),
  'the largest fan-in': conv([3, 3, 3640], [3, 3, 2], 1, 1),
};

describe.each(KERNELS)('over %s', (_, kernels) => {
  it.each([1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 100, 512])('packSigns, rows of %i', (columns) => {
    const values = new TestRandom(columns).floats(5 * columns);
    expect(kernels.packSigns(values, columns)).toEqual(bitsOf(values, columns));
    expect(kernels.packSigns(values)).toEqual(bitsOf(values, values.length));
  });

  it('packSigns: 0, -0 and NaN are +1, the smallest numbers keep their sign', () => {
    const values = Float32Array.of(0, -0, Number.NaN, 2 ** -149, -(2 ** -149), Number.NEGATIVE_INFINITY);
    expect([...kernels.packSigns(values)]).toEqual([0b110000]);
    expect(kernels.packSigns(new Float32Array(0))).toEqual(new Uint8Array(0));
  });

  it.each([
    [1, 1, 1],
    [3, 5, 64],
    [5, 3, 65],
    [2, 67, 100],
    [67, 2, 8],
    [9, 9, 1000],
    [1, 3, 40000],
  ])('xnorGemm [%i, k] x [%i, k], k = %i', (m, n, k) => {
    const random = new TestRandom(m * n * k);
    const [a, b] = [random.signs(m * k), random.signs(n * k)];
    const expected = Array.from({ length: m * n }, (_, at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let i = 0; i < k; i++) sum += a[row * k + i] * b[column * k + i];
      return sum;
    });
    const actual = kernels.xnorGemm(bitsOf(a, k), bitsOf(b, k), k);
    expect(actual).toBeInstanceOf(Int32Array);
    expect(difference(actual, expected)).toBeUndefined();
  });

  it.each(Object.entries(CONVOLUTIONS))('xnorConv2d, %s', (name, sizes) => {
    const random = new TestRandom(name.length);
    const { height, width, cin, cout, kernelHeight, kernelWidth, stride, padding } = sizes;
    const w = random.signs(cout * kernelHeight * kernelWidth * cin);
    const images = [0, 1, 2].map(() => random.signs(height * width * cin));
    const x = Int8Array.from(images.flatMap((image) => [...image]));
    const kernelSize = kernelHeight === kernelWidth ? kernelHeight : ([kernelHeight, kernelWidth] as const);
    const actual = kernels.xnorConv2d(bitsOf(x, cin), bitsOf(w, cin), { height, width, channels: cin, kernelSize, stride, padding });
    expect(
      difference(
        actual,
        images.flatMap((image) => conv2d(image, w, sizes)),
      ),
    ).toBeUndefined();
  });

  it('xnorConv2d: stride 1 and no padding by default', () => {
    const random = new TestRandom(1);
    const [x, w] = [random.signs(5 * 5 * 10), random.signs(4 * 9 * 10)];
    const expected = conv2d(x, w, conv([5, 5, 10], [3, 3, 4], 1, 0));
    expect([...kernels.xnorConv2d(bitsOf(x, 10), bitsOf(w, 10), { height: 5, width: 5, channels: 10, kernelSize: 3 })]).toEqual(expected);
  });
});
