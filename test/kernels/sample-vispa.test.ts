import { describe, expect, it } from 'vitest';
import { backwardWords, forwardWords, toLatent } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

const SIZES = [1, 31, 33, 63, 64, 65, 130];
const SHAPES = SIZES.flatMap((cin) => SIZES.map((cout): [number, number, number] => [cin, cout, (cin + cout) % 3 === 0 ? 9 : 1]));

describe.each(SHAPES)('sample_vispa: %i -> %i, %i taps', (cin, cout, taps) => {
  it.each([0, 1, 3])('rank %i', async (rank) => {
    const runtime = await createRuntime();
    const random = new TestRandom(cin * 131 + cout);
    const size = cout * taps * cin;
    // Ties on purpose: w = +0 and -0.
    const latent = (r: TestRandom): number => [0, -0, r.f32(-1, 1), r.f32(-1, 1), r.f32(-1, 1)][r.integer(0, 4)];
    const m = random.array(size, latent);
    const z = Array.from({ length: rank }, () => random.array(size, (r) => r.f32(-1, 1)));
    const noise = random.array(rank, (r) => r.f32(-2, 2));
    const previous = random.array(size, (r) => r.sign());
    const center = m.map((value) => (value < 0 ? -1 : 1));
    const sample = m.map((value, i) => (z.reduce((w, zk, k) => Math.fround(w + Math.fround(noise[k] * zk[i])), value) < 0 ? -1 : 1));
    const pack = (values: ArrayLike<number>): number => put(runtime, toLatent(values, cout, taps, cin));
    const mAt = pack(m);
    const zAt = rank === 0 ? 0 : z.map(pack)[0];
    const blocks = Math.ceil(cin / 64) * Math.ceil(cout / 64) * taps;
    const expected = {
      words: forwardWords(sample, cout, taps, cin),
      wordsT: backwardWords(sample, cout, taps, cin),
      mode: backwardWords(center, cout, taps, cin),
    };
    const words = dirty(runtime, expected.words.byteLength);
    const wordsT = dirty(runtime, expected.wordsT.byteLength);
    const mode = put(runtime, backwardWords(previous, cout, taps, cin));
    const counts = dirty(runtime, blocks * 8);
    runtime.run(
      'sample_vispa',
      blocks,
      mAt,
      zAt,
      put(runtime, Float32Array.from(noise)),
      words,
      wordsT,
      mode,
      counts,
      cin,
      cout,
      taps,
      rank,
    );
    expect(difference(runtime.arena.u32(words, expected.words.length), expected.words)).toBeUndefined();
    expect(difference(runtime.arena.u32(wordsT, expected.wordsT.length), expected.wordsT)).toBeUndefined();
    expect(difference(runtime.arena.u32(mode, expected.mode.length), expected.mode)).toBeUndefined();
    const total = [0, 0];
    runtime.arena.u32(counts, blocks * 2).forEach((value, i) => {
      total[i & 1] += value;
    });
    expect(total).toEqual([center.filter((s, i) => s !== previous[i]).length, center.filter((s, i) => s !== sample[i]).length]);
  });
});

it('F3: the signs of M + 0.5 Z1 - Z2', async () => {
  const runtime = await createRuntime();
  const [m, z1, z2] = [
    [3, -0.5, 0.1],
    [4, 0, 1],
    [0, 2, -1],
  ].map((values) => put(runtime, toLatent(values, 3, 1, 1)));
  expect(z2 - z1).toBe(128);
  const [words, wordsT, mode, counts] = [24, 8, 8, 8].map((bytes) => dirty(runtime, bytes));
  runtime.run('sample_vispa', 1, m, z1, put(runtime, Float32Array.of(0.5, -1)), words, wordsT, mode, counts, 1, 3, 1, 2);
  expect([...runtime.arena.u32(wordsT, 2)]).toEqual([0b010, 0]);
  expect([...runtime.arena.u32(words, 6)]).toEqual([0, 0, 1, 0, 0, 0]);
});

describe('normalize_vispa', () => {
  it('F3 with S = 4, then m^2 + sum z^2 / S = 1', async () => {
    const runtime = await createRuntime();
    const m = put(runtime, Float32Array.of(3, -0.5, 0.1, 0));
    const z = put(runtime, Float32Array.of(4, 0, 1, 0, 0, 2, -1, 0));
    runtime.run('normalize_vispa', 1, m, z, 4, 2, 4);
    expect(difference(runtime.arena.f32(m, 4), [0.832050294, -0.447213595, 0.140028008, 0], 1e-7)).toBeUndefined();
    expect(difference(runtime.arena.f32(z, 8), [1.109400392, 0, 1.400280084, 0, 0, 1.788854382, -1.400280084, 0], 2e-7)).toBeUndefined();
  });

  it.each([0, 1, 5])('against the formula, idempotent, zero rows stay zero; rank %i', async (rank) => {
    const runtime = await createRuntime();
    const random = new TestRandom(rank);
    const n = 4100;
    const draw = (r: TestRandom): number => r.f32(-1, 1);
    const before = { m: random.array(n, draw), z: random.array(n * rank, draw) };
    const dead = (i: number): boolean => i % n < 8;
    before.m = before.m.map((value, i) => (dead(i) ? 0 : value));
    before.z = before.z.map((value, i) => (dead(i) ? 0 : value));
    const [m, z] = [put(runtime, Float32Array.from(before.m)), put(runtime, Float32Array.from(before.z))];
    const norms = before.m.map((value, i) => {
      let sum = value * value;
      for (let k = 0; k < rank; k++) sum += before.z[k * n + i] ** 2 / 3;
      return sum > 0 ? Math.sqrt(sum) : 1;
    });
    for (const times of [1, 2]) {
      runtime.run('normalize_vispa', 2, m, z, n, rank, 3);
      expect(
        difference(
          runtime.arena.f32(m, n),
          before.m.map((value, i) => value / norms[i]),
          times * 2 ** -21,
        ),
      ).toBeUndefined();
      expect(
        difference(
          runtime.arena.f32(z, n * rank),
          before.z.map((value, i) => value / norms[i % n]),
          times * 2 ** -20,
        ),
      ).toBeUndefined();
    }
  });
});
