import { describe, expect, it } from 'vitest';
import { softmax } from '../../src/inference/softmax.js';
import { TestRandom } from '../helpers/random.js';
import { softmax as definition } from '../oracle/elementwise.js';

describe('softmax', () => {
  it.each([
    ['one class', [3]],
    ['equal logits', [1, 1, 1]],
    ['large logits', [1000, 999, -1000]],
    ['tiny differences', [0, 1e-7, -1e-7]],
    ['the widest range', [3e38, -3e38, 0]],
    ['results that are subnormal in f32', [0, -88, -95, -100, -103, -104]],
    ['halves of ln 2', [0, -0.34657359, -1.03972077, -1.73286795]],
    ['ten', [...new TestRandom(6).floats(10)].map((v) => 5 * v)],
    ['a thousand', [...new TestRandom(7).floats(1000)].map((v) => 9 * v)],
  ])('%s', (_, logits) => {
    const x = Float32Array.from(logits);
    const kept = [...x];
    const y = softmax(x);
    expect([...x]).toEqual(kept);
    definition(x).forEach((value, i) => {
      expect(Math.abs(y[i] - value)).toBeLessThanOrEqual(1e-7 * value + 1e-45);
    });
  });
});
