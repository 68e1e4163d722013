import { describe, expect, it } from 'vitest';
import { planes } from '../../src/inference/activation.js';
import { BACKWARDS, GROWING, KernelMemory } from '../helpers/kernel-memory.js';
import { TestRandom } from '../helpers/random.js';
import { type Conv2dSizes, conv2d, outputSize } from '../oracle/inference-conv2d.js';

const MAPS = [
  [1, 1],
  [7, 7],
  [8, 8],
  [14, 14],
  [5, 3],
  [3, 40],
] as const;
const CIN = [1, 3, 4, 65];
const COUT = [1, 3, 4, 10, 64];

function cases(): Conv2dSizes[] {
  const all: Conv2dSizes[] = [];
  for (const [height, width] of MAPS)
    for (const [kernelHeight, kernelWidth] of [
      [1, 1],
      [3, 3],
      [5, 5],
      [2, 2],
    ])
      for (const stride of [1, 2, 3])
        for (const padding of [0, 1, 2]) {
          if (kernelHeight > height + 2 * padding || kernelWidth > width + 2 * padding) continue;
          const i = all.length;
          all.push({ height, width, kernelHeight, kernelWidth, stride, padding, cin: CIN[i % CIN.length], cout: COUT[i % COUT.length] });
        }
  // More than one patch of 512 rows.
  all.push({ height: 5, width: 6, kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 1, cin: 129, cout: 6 });
  return all;
}

const name = (s: Conv2dSizes): string =>
  `${s.kernelHeight}x${s.kernelWidth} stride ${s.stride} padding ${s.padding}, ${s.height}x${s.width}, ${s.cin} -> ${s.cout}`;

describe('conv2d_f32f32_f32 equals the definition, rounding by rounding', async () => {
  const numbers = new TestRandom(4);
  const memories = [await KernelMemory.create(), await KernelMemory.create(BACKWARDS), await KernelMemory.create(GROWING)];
  it.each(cases().map((sizes, i) => [name(sizes), sizes, i % 2 === 0] as const))('%s', (_, sizes, withBias) => {
    const { height, width, cin, cout, kernelHeight, kernelWidth, stride, padding } = sizes;
    const [outHeight, outWidth] = outputSize(sizes);
    const x = numbers.floats(height * width * cin);
    const w = numbers.floats(kernelHeight * kernelWidth * cin * cout);
    const bias = withBias ? numbers.floats(cout) : undefined;
    const expected = conv2d(x, w, sizes, Math.fround, bias);
    const from = planes('f32', height, width, cin);
    const to = planes('f32', outHeight, outWidth, cout);
    for (const memory of memories) {
      memory.reset(numbers);
      const xAt = memory.write(from, x);
      const wAt = memory.copy(w);
      const bAt = bias === undefined ? 0 : memory.copy(bias);
      const yAt = memory.buffer(to);
      const shape = [from.stride, to.stride, height, width, cin, cout, kernelHeight, kernelWidth, stride, padding];
      memory.runtime.run('conv2d_f32f32_f32', Math.ceil((outHeight * outWidth) / 16), xAt, wAt, bAt, yAt, ...shape);
      expect(memory.read(to, yAt)).toEqual(expected);
    }
  });
});
