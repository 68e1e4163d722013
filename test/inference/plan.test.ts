import { describe, expect, it } from 'vitest';
import { planes, vector } from '../../src/inference/activation.js';
import { type Lifetime, planBuffers } from '../../src/inference/plan.js';
import { InferenceRuntime } from '../../src/inference/runtime.js';
import { TestRandom } from '../helpers/random.js';

describe('planBuffers', () => {
  it('lets buffers share memory when their lives do not meet', () => {
    const chain = [0, 1, 2, 3].map((i) => ({ bytes: 128, first: i, last: i + 1 }));
    expect(planBuffers(chain)).toEqual({ offsets: [0, 128, 0, 128], bytes: 256 });
  });

  it('fills gaps first, aligned to 64', () => {
    const buffers = [
      { bytes: 100, first: 0, last: 1 },
      { bytes: 10, first: 0, last: 9 },
      { bytes: 65, first: 2, last: 3 },
      { bytes: 200, first: 2, last: 3 },
    ];
    expect(planBuffers(buffers)).toEqual({ offsets: [0, 128, 0, 192], bytes: 448 });
  });

  it('never lets two living buffers overlap', () => {
    const numbers = new TestRandom(1);
    for (let round = 0; round < 200; round++) {
      const buffers: Lifetime[] = Array.from({ length: 20 }, () => {
        const first = numbers.integer(0, 9);
        return { bytes: numbers.integer(0, 500), first, last: first + numbers.integer(0, 4) };
      });
      const { offsets, bytes } = planBuffers(buffers);
      buffers.forEach((a, i) => {
        expect(offsets[i] % 64).toBe(0);
        expect(offsets[i] + a.bytes).toBeLessThanOrEqual(bytes);
        buffers.slice(0, i).forEach((b, j) => {
          if (a.first > b.last || b.first > a.last) return;
          expect(offsets[i] >= offsets[j] + b.bytes || offsets[j] >= offsets[i] + a.bytes).toBe(true);
        });
      });
    }
  });
});

describe('planes', () => {
  it.each([
    [1, 1, 64, 0],
    [7, 7, 3, 8],
    [8, 8, 512, 9],
    [56, 56, 64, 57],
    [32, 32, 128, 33],
    [32, 64, 2, 0],
  ])('%ix%ix%i with a guard of %i have room for whole vectors and the guard', (height, width, channels, guard) => {
    for (const kind of ['f32', 'int16', 'bits'] as const) {
      const { stride, offset, bytes } = planes(kind, height, width, channels, guard);
      const size = { f32: 4, int16: 2, bits: 1 }[kind];
      const lanes = Math.ceil((height * width) / 64) * 64;
      expect(stride % 64).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(guard * size);
      expect(stride).toBeGreaterThanOrEqual((lanes + 2 * guard) * size + 64);
      expect(bytes).toBeGreaterThanOrEqual(offset + (channels - 1) * stride + (lanes + guard) * size);
      expect(stride % 4096).toBeGreaterThanOrEqual(192);
    }
  });

  it('a vector is dense', () => {
    expect(vector('int16', 100)).toMatchObject({ stride: 2, offset: 0, bytes: 320 });
  });
});

describe('memory', () => {
  it('of more than 2 GiB is refused before it is asked for', async () => {
    const runtime = await InferenceRuntime.create();
    expect(() => runtime.reserve(2 ** 31)).toThrow(/this model needs 2.0 GiB, expected at most 2 GiB/);
  });
});
