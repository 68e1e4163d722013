import { describe, expect, it } from 'vitest';
import { forwardWords, toLatent } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

/** [cout, taps, cin] around tiles of 32 channels and words of 64. */
const CASES = [
  [1, 1, 1],
  [31, 9, 63],
  [32, 4, 64],
  [33, 1, 65],
  [70, 9, 3],
  [64, 1, 129],
];

describe.each(CASES)('%i filters of %i taps and %i channels', (cout, taps, cin) => {
  const random = new TestRandom(cout * 31 + cin);
  const tiles = Math.ceil(cout / 32);

  it('to_latent_f32', async () => {
    const runtime = await createRuntime();
    const values = Float32Array.from(random.array(cout * taps * cin, (r) => r.f32(-1, 1)));
    const out = dirty(runtime, tiles * 32 * taps * cin * 4);
    runtime.run('to_latent_f32', tiles, put(runtime, values), out, cout, taps * cin);
    expect(difference(runtime.arena.f32(out, tiles * 32 * taps * cin), toLatent(values, cout, taps, cin))).toBeUndefined();
  });

  it('unpack_b1_f32', async () => {
    const runtime = await createRuntime();
    const values = random.array(cout * taps * cin, (r) => r.sign());
    const out = dirty(runtime, values.length * 4);
    runtime.run('unpack_b1_f32', tiles, put(runtime, forwardWords(values, cout, taps, cin, random)), out, cout, taps, cin);
    expect(difference(runtime.arena.f32(out, values.length), values)).toBeUndefined();
  });
});
