import { describe, expect, it } from 'vitest';
import { planes, vector } from '../../src/inference/activation.js';
import { BINARY_KERNELS, type BinaryKernel, planBinary } from '../../src/inference/binary-kernels.js';
import { convGeometry } from '../../src/inference/conv-geometry.js';
import { BACKWARDS, GROWING, KernelMemory } from '../helpers/kernel-memory.js';
import { TestRandom } from '../helpers/random.js';
import { type Conv2dSizes, conv2d, outputSize } from '../oracle/inference-conv2d.js';

const MAPS = [
  [1, 1],
  [7, 7],
  [8, 8],
  [14, 14],
  [28, 28],
  [5, 3],
  [3, 40],
  [1, 70],
  [70, 1],
] as const;
const KERNELS = [
  [1, 1],
  [3, 3],
  [5, 5],
  [2, 2],
  [3, 2],
] as const;
const CIN = [1, 3, 63, 64, 65, 96, 128, 129];
const COUT = [1, 10, 63, 64, 65, 128];

/** Every map with every kernel, stride and padding that fit; channel counts take turns. */
function cases(): Conv2dSizes[] {
  const all: Conv2dSizes[] = [];
  for (const [height, width] of MAPS)
    for (const [kernelHeight, kernelWidth] of KERNELS)
      for (const stride of [1, 2, 3])
        for (const padding of [0, 1, 2]) {
          if (kernelHeight > height + 2 * padding || kernelWidth > width + 2 * padding) continue;
          const i = all.length;
          all.push({
            height,
            width,
            kernelHeight,
            kernelWidth,
            stride,
            padding,
            cin: CIN[i % CIN.length],
            cout: COUT[(i * 5 + (i >> 3)) % COUT.length],
          });
        }
  const same = { kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 1 };
  // A tile of 64 positions that reaches the map with its last or first lane only.
  for (const width of [61, 62, 63, 64, 65]) all.push({ height: 3, width, ...same, cin: 65, cout: 10 });
  for (const width of [123, 126, 129]) all.push({ height: 5, width, ...same, stride: 2, cin: 65, cout: 10 });
  // Strips that are wider and higher than the map, and strides that leave rows and columns out.
  for (const padding of [2, 5]) all.push({ height: 4, width: 3, kernelHeight: 3, kernelWidth: 4, stride: 1, padding, cin: 70, cout: 9 });
  for (const stride of [4, 7]) all.push({ height: 20, width: 23, kernelHeight: 3, kernelWidth: 2, stride, padding: 1, cin: 70, cout: 9 });
  // All pairs of channel counts, and every number of tables.
  for (const cin of CIN) for (const cout of COUT) all.push({ height: 9, width: 9, ...same, cin, cout });
  for (const cin of [19, 20, 21, 40, 41, 60, 61]) all.push({ height: 9, width: 9, ...same, cin, cout: 10 });
  return all;
}

const name = (s: Conv2dSizes): string =>
  `${s.kernelHeight}x${s.kernelWidth} stride ${s.stride} padding ${s.padding}, ${s.height}x${s.width}, ${s.cin} -> ${s.cout}`;

/** x [H][W][cin], w [cout][kh][kw][cin] -> y [OH][OW][cout]; runs twice, because the second call adds into used memory. */
function run(memory: KernelMemory, kernel: BinaryKernel, s: Conv2dSizes, x: Int8Array, w: Int8Array): number[] {
  const { height, width, cin, cout, kernelHeight, kernelWidth, stride, padding } = s;
  const input = planes('bits', height, width, cin);
  const plan = planBinary(kernel, { input, cout, geometry: convGeometry(height, width, kernelHeight, kernelWidth, stride, padding) });
  const at = {
    x: memory.write(input, x),
    constants: [memory.copy(words(w, s, plan.columns, kernel === 'lookup'))],
    workspace: memory.allocate(plan.workspaceBytes),
    y: memory.buffer(plan.output),
  };
  for (let i = 0; i < 2; i++) plan.run(memory.runtime.run, at);
  return memory.read(plan.output, at.y);
}

/** u64 [ceil(cout / columns)][tap][block][columns], bits along cin. Spare bits must not count for the lookup kernel: there they may be set. */
function words(w: Int8Array, sizes: Conv2dSizes, columns: number, spare: boolean): BigUint64Array {
  const { cin, cout, kernelHeight, kernelWidth } = sizes;
  const taps = kernelHeight * kernelWidth;
  const blocks = Math.ceil(cin / 64);
  const packed = new BigUint64Array(Math.ceil(cout / columns) * taps * blocks * columns);
  if (spare) packed.fill(2n ** 64n - 1n);
  for (let c = 0; c < cout; c++)
    for (let tap = 0; tap < taps; tap++)
      for (let i = 0; i < cin; i++) {
        const word = ((Math.floor(c / columns) * taps + tap) * blocks + (i >> 6)) * columns + (c % columns);
        const bit = 1n << BigInt(i & 63);
        if (w[(c * taps + tap) * cin + i] < 0) packed[word] |= bit;
        else packed[word] &= ~bit;
      }
  return packed;
}

describe('both kernels equal the definition of a binary convolution', async () => {
  const numbers = new TestRandom(1);
  const memory = await KernelMemory.create();
  const backwards = await KernelMemory.create(BACKWARDS);
  const growing = await KernelMemory.create(GROWING);
  it.each(cases().map((sizes) => [name(sizes), sizes] as const))('%s', (_, sizes) => {
    const { height, width, cin, cout } = sizes;
    const filter = sizes.kernelHeight * sizes.kernelWidth * cin;
    const x = numbers.signs(height * width * cin);
    const w = numbers.signs(filter * cout);
    // Large cases: the first, the last and a few channels of the result.
    const [outHeight, outWidth] = outputSize(sizes);
    const large = outHeight * outWidth * filter * cout > 2e6;
    const channels = large
      ? [...new Set([0, cout - 1, numbers.integer(0, cout - 1), numbers.integer(0, cout - 1)])]
      : [...Array(cout).keys()];
    const filters = Int8Array.from(channels.flatMap((c) => [...w.subarray(c * filter, (c + 1) * filter)]));
    const expected = conv2d(x, filters, { ...sizes, cout: channels.length });
    const all: number[][] = [];
    for (const kernel of BINARY_KERNELS)
      for (const m of [memory, backwards, growing]) {
        m.reset(numbers);
        const y = run(m, kernel, sizes, x, w);
        all.push(y);
        const got = expected.map((_, i) => y[Math.floor(i / channels.length) * cout + channels[i % channels.length]]);
        expect(got, kernel).toEqual(expected);
      }
    // Of large cases, too, all values are the same.
    for (const y of all) expect(y).toEqual(all[0]);
  });
});

describe('pack_i8_b1', async () => {
  const numbers = new TestRandom(2);
  const memories = [await KernelMemory.create(), await KernelMemory.create(BACKWARDS), await KernelMemory.create(GROWING)];
  const cases = [1, 15, 16, 17, 70].flatMap((positions) => [1, 7, 8, 9, 63, 64, 65, 130].map((channels) => [positions, channels]));
  const pack = (memory: KernelMemory, x: Int8Array, positions: number, channels: number, dense: boolean): bigint[] => {
    memory.reset(numbers);
    const input = dense ? vector('bits', channels) : planes('bits', 1, positions, channels);
    const count = positions * Math.ceil(channels / 64);
    const [from, to] = [memory.write(input, x), memory.allocate(count * 8 + 8)];
    memory.runtime.run('pack_i8_b1', Math.ceil(positions / 16), from, to, input.stride, positions, channels);
    return [...new BigUint64Array(memory.runtime.memory.buffer, to, count)];
  };

  it.each(cases)('%i positions of %i channels', (positions, channels) => {
    const x = numbers.signs(positions * channels);
    const blocks = Math.ceil(channels / 64);
    const expected = new Array<bigint>(positions * blocks).fill(0n);
    x.forEach((value, i) => {
      const c = i % channels;
      if (value < 0) expected[Math.floor(i / channels) * blocks + (c >> 6)] |= 1n << BigInt(c & 63);
    });
    for (const memory of memories) {
      expect(pack(memory, x, positions, channels, false)).toEqual(expected);
      if (positions === 1) expect(pack(memory, x, positions, channels, true)).toEqual(expected);
    }
  });
});

describe.each(BINARY_KERNELS)('the %s kernel', (kernel) => {
  it('skips taps outside the map: ones on ones give 4, 6 and 9', async () => {
    const memory = await KernelMemory.create();
    const sizes = { height: 3, width: 3, cin: 1, cout: 1, kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 1 };
    expect(run(memory, kernel, sizes, new Int8Array(9).fill(1), new Int8Array(9).fill(1))).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });

  it('reaches the largest fan-in, 32,767, without overflow', async () => {
    const memory = await KernelMemory.create();
    const sizes = { height: 1, width: 1, cin: 32767, cout: 2, kernelHeight: 1, kernelWidth: 1, stride: 1, padding: 0 };
    const w = new Int8Array(2 * 32767).fill(1).fill(-1, 32767);
    expect(run(memory, kernel, sizes, new Int8Array(32767).fill(1), w)).toEqual([32767, -32767]);
  });
});
