import { beforeAll, describe, expect, it } from 'vitest';
import { type Activation, type Kind, planes, tight, vector } from '../../src/inference/activation.js';
import { BACKWARDS, GROWING, KernelMemory } from '../helpers/kernel-memory.js';
import { TestRandom } from '../helpers/random.js';
import { affine, hardtanh, prelu, quantize, sign, threshold } from '../oracle/elementwise.js';
import { maxPool2d } from '../oracle/max-pool2d.js';

const numbers = new TestRandom(5);
let memories: KernelMemory[] = [];
beforeAll(async () => {
  memories = [await KernelMemory.create(), await KernelMemory.create(BACKWARDS), await KernelMemory.create(GROWING)];
});

/** Runs a kernel in every memory; x as planes and, where there is one position, as a vector too. All results must be `expected`, -0 and NaN included. */
function check(
  kinds: [Kind, Kind],
  [height, width, channels]: readonly number[],
  x: ArrayLike<number>,
  expected: number[],
  run: (memory: KernelMemory, x: number, y: number, from: Activation, to: Activation) => void,
  to: Activation = tight(kinds[1], height, width, channels),
): void {
  for (const from of new Set([planes(kinds[0], height, width, channels), tight(kinds[0], height, width, channels)])) {
    for (const memory of memories) {
      memory.reset(numbers);
      const xAt = memory.write(from, x);
      const yAt = memory.buffer(to);
      run(memory, xAt, yAt, from, to);
      expect(memory.read(to, yAt)).toEqual(expected);
    }
  }
}

const SHAPES = [
  [1, 1, 1],
  [1, 1, 65],
  [1, 1, 129],
  [3, 5, 3],
  [4, 4, 64],
  [1, 17, 63],
  [7, 7, 65],
  [28, 28, 10],
] as const;
const SPECIAL = [0, -0, NaN, Infinity, -Infinity, 1, -1, 1e-45, -1e-45, 3.5, -3.5];

function floats(length: number): Float32Array {
  const x = numbers.floats(length).map((value) => 2 * value);
  for (let i = 0; i < length; i++) if (numbers.uniform() < 0.3) x[i] = numbers.pick(SPECIAL);
  return x;
}

describe.each(SHAPES)('elementwise kernels on [%i, %i, %i]', (height, width, channels) => {
  const shape = [height, width, channels];
  const count = height * width * channels;
  const P = height * width;
  const items = Math.ceil(channels / 64);

  it('affine_f32_f32', () => {
    const x = floats(count);
    const [scale, shift] = [numbers.floats(channels), numbers.floats(channels)];
    check(['f32', 'f32'], shape, x, affine(x, scale, shift), (m, xAt, yAt, from, to) =>
      m.runtime.run('affine_f32_f32', items, xAt, yAt, m.copy(scale), m.copy(shift), from.stride, to.stride, P, channels),
    );
  });

  it('affine_i16_f32', () => {
    const x = numbers.integers(count, -32767, 32767);
    const [scale, shift] = [numbers.floats(channels), numbers.floats(channels)];
    check(['int16', 'f32'], shape, x, affine(x, scale, shift), (m, xAt, yAt, from, to) =>
      m.runtime.run('affine_i16_f32', items, xAt, yAt, m.copy(scale), m.copy(shift), from.stride, to.stride, P, channels),
    );
  });

  it('prelu_f32_f32', () => {
    const x = floats(count);
    const slope = numbers.floats(channels);
    check(['f32', 'f32'], shape, x, prelu(x, slope), (m, xAt, yAt, from, to) =>
      m.runtime.run('prelu_f32_f32', items, xAt, yAt, m.copy(slope), from.stride, to.stride, P, channels),
    );
  });

  it.each([
    ['hardtanh', [-1, 1, 0], hardtanh],
    ['quantize to 4 levels', [0, 3, 1], (x: ArrayLike<number>) => quantize(x, 4)],
  ])('clamp_f32_f32: %s', (_, bounds, definition) => {
    const x = floats(count);
    check(['f32', 'f32'], shape, x, definition(x), (m, xAt, yAt, from, to) =>
      m.runtime.run('clamp_f32_f32', items, xAt, yAt, m.copy(Float32Array.from(bounds)), from.stride, to.stride, P, channels),
    );
  });

  it('sign_f32_i8: +1 for 0, -0 and NaN', () => {
    const x = floats(count);
    check(['f32', 'bits'], shape, x, sign(x), (m, xAt, yAt, from, to) =>
      m.runtime.run('sign_f32_i8', items, xAt, yAt, from.stride, to.stride, P, channels),
    );
  });

  it('threshold_i16_i8: ties, flips and constants', () => {
    const x = numbers.integers(count, -3, 3);
    const t = Int16Array.from({ length: channels }, () => numbers.pick([-32768, -3, -1, 0, 1, 3, 4, 32767]));
    const flip = Uint8Array.from({ length: channels }, () => numbers.integer(0, 1));
    check(['int16', 'bits'], shape, x, threshold(x, t, flip), (m, xAt, yAt, from, to) =>
      m.runtime.run('threshold_i16_i8', items, xAt, yAt, m.copy(t), m.copy(flip), from.stride, to.stride, P, channels),
    );
  });

  it.each([
    ['flatten_i8', 'bits'],
    ['flatten_i16', 'int16'],
    ['flatten_f32', 'f32'],
  ] as const)('%s', (name, kind) => {
    const x = kind === 'f32' ? floats(count) : numbers.integers(count, -100, 100);
    const run = (m: KernelMemory, xAt: number, yAt: number, from: Activation): void =>
      m.runtime.run(name, Math.ceil(count / 64), xAt, yAt, from.stride, P, channels);
    check([kind, kind], shape, x, [...x], run, vector(kind, count));
  });

  it('input_u8_f32 and input_f32_f32', () => {
    const table = numbers.floats(channels * 256);
    for (const pixel of [channels, channels + 1]) {
      const image = Uint8Array.from({ length: P * pixel }, () => numbers.integer(0, 255));
      const expected = Array.from(
        { length: count },
        (_, i) => table[(i % channels) * 256 + image[Math.floor(i / channels) * pixel + (i % channels)]],
      );
      const to = planes('f32', height, width, channels);
      for (const m of memories) {
        m.reset(numbers);
        const y = m.buffer(to);
        m.runtime.run('input_u8_f32', Math.ceil(P / 16), m.copy(image), m.copy(table), y, to.stride, P, pixel, channels);
        expect(m.read(to, y)).toEqual(expected);
        m.runtime.run('input_f32_f32', Math.ceil(P / 16), m.copy(Float32Array.from(expected)), y, to.stride, P, channels);
        expect(m.read(to, y)).toEqual(expected);
      }
    }
  });
});

describe.each([
  [2, 2],
  [3, 2],
  [2, 1],
  [3, 3],
  [1, 1],
  [5, 3],
])('max pool of size %i, stride %i', (size, stride) => {
  const maps = [
    [5, 5],
    [6, 7],
    [8, 8],
    [14, 14],
    [28, 28],
    [5, 40],
    [33, 5],
  ].map(([height, width]) => [height, width, numbers.pick([1, 3, 10])]);

  it.each(maps)('%ix%ix%i', (height, width, channels) => {
    const [outHeight, outWidth] = [height, width].map((n) => Math.floor((n - size) / stride) + 1);
    for (const kind of ['int16', 'f32'] as const) {
      // Few different values: many ties, between -0 and +0 too.
      const x = Float32Array.from({ length: height * width * channels }, () =>
        numbers.pick(kind === 'f32' ? [0, -0, -1, 1] : [0, -1, 1, 7, -32768, 32767]),
      );
      check(
        [kind, kind],
        [height, width, channels],
        x,
        maxPool2d(x, height, width, channels, size, stride),
        (m, xAt, yAt, from, to) =>
          m.runtime.run(
            `max_pool2d_${kind === 'f32' ? 'f32' : 'i16'}`,
            channels,
            xAt,
            yAt,
            from.stride,
            to.stride,
            height,
            width,
            size,
            stride,
          ),
        planes(kind, outHeight, outWidth, channels),
      );
    }
  });
});
