import { describe, expect, it } from 'vitest';
import { putConstants, putMasks } from '../helpers/block.js';
import { dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import type { ChannelConstants } from '../oracle/block.js';
import { NOISE_FLOATS } from '../oracle/rounding.js';

/** dx = g: no activation, no batch norm, no sign. */
const IDENTITY: ChannelConstants = { a: 1, b: 0, slope: 1, limit: Number.POSITIVE_INFINITY, s0: 1, s1: 0, k1: 1, k2: 0, k3: 0, inverse: 1 };

interface Rounding {
  run: (inverse: number) => { rows: ArrayLike<number>; transposed: ArrayLike<number> };
  setNoise: (noise: (random: TestRandom) => number) => void;
}

/** One channel and position: g [64] through the rounding of both copies, in i16 for a qmax of 511, else in i8. */
async function rounding(qmax: number, g: number[], random = new TestRandom(1)): Promise<Rounding> {
  const runtime = await createRuntime();
  const [gAt, x] = [put(runtime, Float32Array.from(g)), put(runtime, new Int16Array(64))];
  const inverseAt = put(runtime, new Float32Array(64));
  const [noiseAt, masks] = [put(runtime, new Float32Array(NOISE_FLOATS)), putMasks(runtime, 64, 64).words];
  const [rows, transposed] = [dirty(runtime, 128), dirty(runtime, 4096)];
  const perChannel = putConstants(runtime, [IDENTITY]);
  return {
    run: (inverse) => {
      runtime.arena.f32(inverseAt, 64).fill(inverse);
      runtime.arena.f32(perChannel, 16)[9] = inverse;
      const type = qmax === 511 ? 'i16' : 'i8';
      const lanes = qmax === 511 ? 32 : 64;
      runtime.run(`block_dx_i16f32_${type}`, 1, gAt, 0, x, perChannel, 0, masks, inverseAt, noiseAt, rows, transposed, 0, 1, 1, 1, qmax);
      return {
        rows: runtime.arena[type](rows, 64).slice(),
        transposed: runtime.arena[type](transposed, 64 * lanes).filter((_, k) => k % lanes === 0),
      };
    },
    setNoise: (noise) => {
      const view = runtime.arena.f32(noiseAt, NOISE_FLOATS);
      for (let i = 0; i < NOISE_FLOATS; i++) view[i] = noise(random);
    },
  };
}

const JUST_BELOW_HALF = 0.5 - 2 ** -25;

describe.each([511, 15, 6])('stochastic rounding of the maximum, %i', (qmax) => {
  const above = Math.fround(qmax * (1 + 2 ** -23));
  it.each([
    ['exactly', qmax, qmax],
    ['slightly above', above, qmax],
    ['slightly below its negative', -above, -qmax],
    ['far beyond', 40000, qmax],
    ['far below', -40000, -qmax],
    ['0', 0, 0],
    ['just below 1', Math.fround(0.99), 1],
  ])('%s, with r just below 1', async (_, value, expected) => {
    const r = await rounding(qmax, new Array(64).fill(value));
    r.setNoise(() => JUST_BELOW_HALF);
    const { rows, transposed } = r.run(1);
    expect(Array.from(rows)).toEqual(new Array(64).fill(expected));
    expect(Array.from(transposed)).toEqual(new Array(64).fill(expected));
  });

  it('its negative exactly with r = 0.99, and slightly below with r = 0', async () => {
    for (const [value, noise] of [
      [-qmax, 0.49],
      [-above, -0.5],
    ]) {
      const r = await rounding(qmax, new Array(64).fill(value));
      r.setNoise(() => noise);
      expect(Array.from(r.run(1).rows)).toEqual(new Array(64).fill(-qmax));
    }
  });

  it('a maximum of 0 gives zeros', async () => {
    const r = await rounding(qmax, new Array(64).fill(0));
    r.setNoise((random) => random.f32(-0.5, 0.5));
    expect(Array.from(r.run(0).rows)).toEqual(new Array(64).fill(0));
  });
});

it.each([511, 15, 6])('the mean of stochastic rounding is the number, within five standard errors, up to %i', async (qmax) => {
  const draws = 4000;
  const values = Array.from({ length: 64 }, (_, i) => Math.fround((i - 32) / 8.7));
  const inverse = 1.5;
  const r = await rounding(qmax, values, new TestRandom(2));
  const sums = { rows: new Float64Array(64), transposed: new Float64Array(64) };
  for (let draw = 0; draw < draws; draw++) {
    r.setNoise((random) => random.uniform() - 0.5);
    const { rows, transposed } = r.run(inverse);
    for (let i = 0; i < 64; i++) {
      sums.rows[i] += rows[i];
      sums.transposed[i] += transposed[i];
    }
  }
  values.forEach((value, i) => {
    const z = value * inverse;
    const p = z - Math.floor(z);
    const deviation = 5 * Math.sqrt(Math.max(p * (1 - p), 1e-6) / draws);
    expect(Math.abs(sums.rows[i] / draws - z)).toBeLessThan(deviation);
    expect(Math.abs(sums.transposed[i] / draws - z)).toBeLessThan(deviation);
  });
});
