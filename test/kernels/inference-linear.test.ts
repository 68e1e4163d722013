import { describe, expect, it } from 'vitest';
import { planes, vector } from '../../src/inference/activation.js';
import { BACKWARDS, GROWING, KernelMemory } from '../helpers/kernel-memory.js';
import { packSigns } from '../helpers/pack-signs.js';
import { TestRandom } from '../helpers/random.js';
import { linear } from '../oracle/linear.js';

const FEATURES = [1, 63, 64, 65, 96, 127, 128, 129, 1000, 32767];
const COUT = [1, 7, 8, 9, 10, 63, 64, 65, 128];

describe('popcount_b1b1_i16 on pack_i8_b1 equals the definition of a binary linear layer', async () => {
  const numbers = new TestRandom(2);
  const memories = [await KernelMemory.create(), await KernelMemory.create(BACKWARDS), await KernelMemory.create(GROWING)];
  const cases = FEATURES.flatMap((features, i) =>
    COUT.filter((_, j) => features < 1000 || (i + j) % 4 === 0).map((cout) => [features, cout]),
  );
  it.each(cases)('%i -> %i', (features, cout) => {
    const x = numbers.signs(features);
    const w = numbers.signs(features * cout);
    const blocks = Math.ceil(features / 64);
    const packed = packSigns(w, features);
    const rowBytes = Math.ceil(features / 8);
    const words = new Uint8Array(blocks * Math.ceil(cout / 8) * 64);
    packed.forEach((byte, i) => {
      const [c, j] = [Math.floor(i / rowBytes), i % rowBytes];
      words[((Math.floor(c / 8) * blocks + (j >> 3)) * 8 + (c % 8)) * 8 + (j & 7)] = byte;
    });
    const expected = linear(x, w, cout);
    for (const memory of memories) {
      memory.reset(numbers);
      const xAt = memory.write(vector('bits', features), x);
      const wAt = memory.copy(words);
      const xWords = memory.allocate(blocks * 8);
      const yAt = memory.buffer(vector('int16', cout));
      memory.runtime.run('pack_i8_b1', 1, xAt, xWords, 1, 1, features);
      memory.runtime.run('popcount_b1b1_i16', Math.ceil(cout / 8), xWords, wAt, yAt, 2, 1, 1, features, cout, 1, 1, 1, 0);
      expect(memory.read(vector('int16', cout), yAt)).toEqual(expected);
    }
  });
});

describe('linear_f32f32_f32 equals the definition, rounding by rounding', async () => {
  const numbers = new TestRandom(3);
  const memories = [await KernelMemory.create(), await KernelMemory.create(BACKWARDS), await KernelMemory.create(GROWING)];
  const cases = [1, 3, 64, 65, 1000].flatMap((features) =>
    [1, 3, 10, 16, 17, 100].flatMap((cout) => [true, false].map((bias) => [features, cout, bias] as const)),
  );
  it.each(cases)('%i -> %i, bias %s', (features, cout, withBias) => {
    const x = numbers.floats(features);
    const w = numbers.floats(features * cout);
    const bias = withBias ? numbers.floats(cout) : undefined;
    const lanes = Math.ceil(cout / 4) * 4;
    const transposed = new Float32Array(features * lanes);
    w.forEach((value, i) => {
      transposed[(i % features) * lanes + Math.floor(i / features)] = value;
    });
    const padded = new Float32Array(lanes);
    padded.set(bias ?? []);
    const expected = linear(x, w, cout, Math.fround, bias);
    // Features may lie side by side or be planes of one position.
    for (const input of [vector('f32', features), planes('f32', 1, 1, features)]) {
      for (const memory of memories) {
        memory.reset(numbers);
        const xAt = memory.write(input, x);
        const wAt = memory.copy(transposed);
        const bAt = bias === undefined ? 0 : memory.copy(padded);
        const yAt = memory.buffer(vector('f32', cout));
        memory.runtime.run('linear_f32f32_f32', Math.ceil(cout / 16), xAt, wAt, bAt, yAt, input.stride, features, cout);
        expect(memory.read(vector('f32', cout), yAt)).toEqual(expected);
      }
    }
  });
});
