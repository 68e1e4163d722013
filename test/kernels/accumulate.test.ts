import { describe, expect, it } from 'vitest';
import { difference, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

const SIZES = [4, 4092, 4096, 4100, 9000];

describe.each(SIZES)('%i elements', (n) => {
  const items = Math.ceil(n / 4096);

  it('add_i32: y + x', async () => {
    const runtime = await createRuntime();
    const random = new TestRandom(n);
    const [y, x] = [0, 1].map(() => Int32Array.from({ length: n }, () => random.integer(-1e9, 1e9)));
    const at = put(runtime, y);
    runtime.run('add_i32', items, at, put(runtime, x), n);
    expect(
      difference(
        runtime.arena.i32(at, n),
        Array.from(y, (value, i) => value + x[i]),
      ),
    ).toBeUndefined();
  });

  it('add_scaled_i32: y + factor x', async () => {
    const runtime = await createRuntime();
    const random = new TestRandom(n);
    const [y, x] = [0, 1].map(() => Int32Array.from({ length: n }, () => random.integer(-1e8, 1e8)));
    const at = put(runtime, y);
    runtime.run('add_scaled_i32', items, at, put(runtime, x), n, 4);
    expect(
      difference(
        runtime.arena.i32(at, n),
        Array.from(y, (value, i) => value + 4 * x[i]),
      ),
    ).toBeUndefined();
  });

  it.each([0, 1])('add_scaled_f32: scale x, with add %i', async (add) => {
    const runtime = await createRuntime();
    const random = new TestRandom(n);
    const [y, x] = [0, 1].map(() => Float32Array.from({ length: n }, () => random.f32(-1, 1)));
    const scale = Math.fround(0.3);
    const at = put(runtime, y);
    runtime.run('add_scaled_f32', items, at, put(runtime, x), n, scale, add);
    const expected = Array.from(x, (value, i) => (add ? Math.fround(y[i] + Math.fround(scale * value)) : Math.fround(scale * value)));
    expect(difference(runtime.arena.f32(at, n), expected)).toBeUndefined();
  });
});
