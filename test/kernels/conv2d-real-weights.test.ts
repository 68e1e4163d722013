import { describe, expect, it } from 'vitest';
import { CONV2D_CASES } from '../cases/conv2d.js';
import { sizes } from '../helpers/conv2d.js';
import { fromBatchMinor, imageWords, toBatchMinor, toLatent, toTransposed } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { conv2d, outputSize } from '../oracle/conv2d.js';

describe.each(CONV2D_CASES.filter((s) => s.images * s.cin * s.cout * s.kernel ** 2 * s.height * s.width < 1e8))('$name', (s) => {
  const random = new TestRandom(s.cin * 13 + s.cout);
  const O = outputSize(s.height, s) * outputSize(s.width, s);
  const P = s.height * s.width;
  const rows = s.kernel ** 2 * s.cin;
  const x = random.array(s.images * P * s.cin, (r) => r.sign());

  async function run(w: Float64Array): Promise<Float64Array> {
    const runtime = await createRuntime();
    const { groups, taps, shape } = sizes(runtime, s);
    const signs = dirty(runtime, groups * P * Math.ceil(s.cin / 64) * 512);
    runtime.run('transpose_b1', Math.ceil((groups * P) / 64), put(runtime, imageWords(x, s.images, P, s.cin)), signs, groups * P, s.cin);
    // Whatever lies in spare lanes may not matter.
    const latent = toLatent(w, s.cout, taps, s.cin).map((value, k) => {
      const c = (k % 32) + 32 * Math.floor(k / (32 * rows));
      return c < s.cout ? value : random.f32(-9, 9);
    });
    const length = s.images * O * s.cout;
    const y = dirty(runtime, length * 4);
    const items = Math.ceil(s.cout / 16) * Math.ceil((groups * O) / 32);
    runtime.run('conv2d_b1f32_f32', items, signs, put(runtime, latent), y, shape);
    return fromBatchMinor(runtime.arena.f32(y, length), s.images, O, s.cout);
  }

  it('conv2d_b1f32_f32', async () => {
    const w = random.array(s.cout * rows, (r) => r.f32(-1, 1));
    // A word of 64 terms is 4 additions to the sum, of tables at most 6 additions deep; each rounds a partial sum, below 4 sqrt(n) for random signs.
    const bound = (4 * s.kernel ** 2 * Math.ceil(s.cin / 64) + 6) * 4 * Math.sqrt(rows) * 2 ** -24;
    expect(difference(await run(w), conv2d(x, w, s), bound)).toBeUndefined();
  });

  it('weights of ±1 give the exact integers', async () => {
    const w = random.array(s.cout * rows, (r) => r.sign());
    expect(difference(await run(w), conv2d(x, w, s))).toBeUndefined();
  });

  it('the layouts of the gradients: transpose_f32 and transpose_filters', async () => {
    const runtime = await createRuntime();
    const groups = s.images / 64;
    const dy = random.array(s.images * O * s.cout, (r) => r.f32(-1, 1));
    const tiles = Math.ceil(s.cout / 16);
    const length = tiles * s.images * O * 16;
    const transposed = dirty(runtime, length * 4);
    const source = put(runtime, toBatchMinor(dy, s.images, O, s.cout, new Float32Array(dy.length)));
    runtime.run('transpose_f32', tiles * Math.ceil((groups * O) / 64), source, transposed, groups * O, s.cout);
    const expected = toTransposed(dy, s.images, O, s.cout, 16, new Float32Array(length));
    expect(difference(runtime.arena.f32(transposed, length), expected)).toBeUndefined();

    const w = random.array(s.cout * rows, (r) => r.f32(-1, 1));
    const filters = dirty(runtime, w.length * 4);
    const latent = put(runtime, toLatent(w, s.cout, s.kernel ** 2, s.cin));
    runtime.run('transpose_filters', Math.ceil(s.cout / 32), latent, filters, rows, s.cout);
    expect(difference(runtime.arena.f32(filters, w.length), Float32Array.from(w))).toBeUndefined();
  });
});
