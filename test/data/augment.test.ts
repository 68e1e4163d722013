import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { type CropFlipOptions, cropFlip } from '../../src/data/augment.js';
import { augmentationNames, createAugmentation } from '../../src/data/augmentations.js';
import type { ImageShape } from '../../src/data/dataset.js';
import { TestRandom } from '../helpers/random.js';

/** The definition: an explicitly padded image, a window of it, its rows reversed. */
function oracle(image: ArrayLike<number>, shape: ImageShape, padding: number, top: number, left: number, flipped: boolean): number[] {
  const { height, width, channels } = shape;
  const blank = (): number[] => new Array(channels).fill(0);
  const padded = Array.from({ length: height + 2 * padding }, () => Array.from({ length: width + 2 * padding }, blank));
  for (let i = 0; i < height * width * channels; i++) {
    const row = Math.floor(i / (width * channels));
    const column = Math.floor(i / channels) % width;
    padded[row + padding][column + padding][i % channels] = image[i];
  }
  const window = padded.slice(top, top + height).map((row) => row.slice(left, left + width));
  return window.flatMap((row) => (flipped ? row.reverse() : row)).flat();
}

/** The choices behind a stream's first three numbers. */
function choices(random: RandomStream, padding: number): { top: number; left: number; half: boolean } {
  const [first, second, third] = [random.next(), random.next(), random.next()].map((number) => number / 2 ** 32);
  return { top: Math.floor(first * (2 * padding + 1)), left: Math.floor(second * (2 * padding + 1)), half: third < 0.5 };
}

const shape = { height: 5, width: 4, channels: 3 };

describe('cropFlip', () => {
  const cases: [string, ImageShape, CropFlipOptions, number][] = [
    ['32 x 32 x 3, defaults', { height: 32, width: 32, channels: 3 }, {}, 60],
    ['28 x 28 x 1, defaults', { height: 28, width: 28, channels: 1 }, {}, 60],
    ['5 x 4 x 3, padding 1', shape, { padding: 1 }, 60],
    ['3 x 7 x 2, padding 2, no flip', { height: 3, width: 7, channels: 2 }, { padding: 2, flip: false }, 100],
    ['7 x 2 x 5, no padding', { height: 7, width: 2, channels: 5 }, { padding: 0 }, 20],
    ['neither', shape, { padding: 0, flip: false }, 5],
    ['one pixel, padding 1', { height: 1, width: 1, channels: 1 }, { padding: 1 }, 60],
    ['padding beyond the image', { height: 2, width: 3, channels: 2 }, { padding: 5 }, 300],
  ];
  describe.each(cases)('%s', (_, size, options, draws) => {
    test.each(['u8', 'f32'])('equals the definition on %s', (type) => {
      const { padding = 4, flip = true } = options;
      const values = size.height * size.width * size.channels;
      const numbers = new TestRandom(values);
      const image =
        type === 'u8'
          ? Uint8Array.from({ length: values }, () => numbers.integer(1, 255))
          : Float32Array.from({ length: values }, () => numbers.f32(-3, 3));
      const before = [...image];
      const into = type === 'u8' ? new Uint8Array(values) : new Float32Array(values);
      const augmentation = cropFlip(options);
      for (let draw = 0; draw < draws; draw++) {
        const { top, left, half } = choices(new RandomStream(3, 'augment-test', draw), padding);
        augmentation.apply(image, into.fill(99), size, new RandomStream(3, 'augment-test', draw));
        expect([...into], `draw ${draw}`).toEqual(oracle(image, size, padding, top, left, flip && half));
      }
      expect([...image]).toEqual(before);
    });
  });

  test('every window and both directions occur equally often', () => {
    const padding = 1;
    const image = Uint8Array.from({ length: 60 }, (_, i) => i + 1);
    const windows = new Map<string, number>();
    for (let top = 0; top < 3; top++)
      for (let left = 0; left < 3; left++)
        for (const flipped of [false, true]) windows.set(oracle(image, shape, padding, top, left, flipped).join(), 0);
    expect(windows.size).toBe(18);
    const into = new Uint8Array(60);
    const augmentation = cropFlip({ padding });
    for (let sample = 0; sample < 18000; sample++) {
      augmentation.apply(image, into, shape, new RandomStream(4, 'augment', 2, sample));
      windows.set(into.join(), (windows.get(into.join()) ?? 0) + 1);
    }
    expect(windows.size).toBe(18);
    const chi = [...windows.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 17 degrees of freedom: mean 17, standard deviation 5.8; 5 deviations.
    expect(chi).toBeLessThan(46);
  });

  test('reads and writes views into larger memory only where they are', () => {
    const memory = new Uint8Array(200).fill(77);
    memory.set(
      Uint8Array.from({ length: 60 }, (_, i) => i + 1),
      7,
    );
    for (let draw = 0; draw < 20; draw++) {
      cropFlip({ padding: 2 }).apply(memory.subarray(7, 67), memory.subarray(101, 161), shape, new RandomStream(5, 'augment', draw));
      const around = [...memory.subarray(0, 7), ...memory.subarray(67, 101), ...memory.subarray(161)];
      expect(new Set(around)).toEqual(new Set([77]));
    }
  });

  test('says what it is, with the resolved options', () => {
    expect(cropFlip()).toMatchObject({ name: 'crop-flip', options: { padding: 4, flip: true } });
    expect(cropFlip({ padding: 0, flip: false })).toMatchObject({ name: 'crop-flip', options: { padding: 0, flip: false } });
  });

  test.each<[string, object, RegExp]>([
    ['padding -1', { padding: -1 }, /padding: got -1, expected a whole number from 0 to 65535/],
    ['padding 1.5', { padding: 1.5 }, /padding: got 1\.5/],
    ['padding 65536', { padding: 65536 }, /padding: got 65536/],
    ['flip 1', { flip: 1 }, /flip: got 1, expected true or false/],
  ])('rejects %s', (_, options, message) => expect(() => cropFlip(options)).toThrow(message));

  test('rejects arrays that are not one image long', () => {
    const apply = (image: number, into: number) => () =>
      cropFlip().apply(new Uint8Array(image), new Uint8Array(into), shape, new RandomStream(0, 'augment'));
    expect(apply(61, 60)).toThrow(/image\.length: got 61, expected 60/);
    expect(apply(60, 59)).toThrow(/into\.length: got 59, expected 60/);
  });
});

describe('by name', () => {
  test('names', () => {
    expect(augmentationNames()).toEqual(['none', 'crop-flip']);
    expect(createAugmentation('none')).toBeUndefined();
    expect(createAugmentation('crop-flip')).toMatchObject({ name: 'crop-flip', options: { padding: 4, flip: true } });
  });

  test.each(['mixup', 'toString', ''])('rejects the name %j', (name) => {
    expect(() => createAugmentation(name)).toThrow(`augmentation: got ${JSON.stringify(name)}, expected one of none, crop-flip`);
  });
});
