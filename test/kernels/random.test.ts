import { describe, expect, it } from 'vitest';
import { philox4x32, purposeId, RandomStream } from '../../src/core/random.js';
import { difference } from '../helpers/memory.js';
import { createRuntime } from '../helpers/runtime.js';

describe('philox4x32', () => {
  // Known answers of the authors' library, Random123.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('counter %j', (counter, [key0, key1], expected) => {
    const block = Uint32Array.from(counter);
    philox4x32(block, key0, key1);
    expect([...block]).toEqual(expected);
  });
});

const STREAMS = [
  { seed: 0, purpose: 'init/1.conv2d.weight', step: 0 },
  { seed: 1, purpose: 'noise', step: 0xffffffff },
  { seed: 2 ** 53 - 1, purpose: '', step: 12345 },
];

describe.each(STREAMS)('seed $seed, purpose $purpose, step $step', (stream) => {
  const words = (count: number): number[] => {
    const source = new RandomStream(stream.seed, stream.purpose, stream.step);
    return Array.from({ length: count }, () => source.next());
  };
  const named = { ...stream, purpose: purposeId(stream.purpose) };

  it.each([1, 4, 4097, 10000])('random_uniform_f32 equals the stream, %i numbers', async (count) => {
    const runtime = await createRuntime();
    const out = runtime.arena.allocate(count * 4 + 16, 'workspace');
    runtime.uniform(out, count, -0.5, 2.25, named);
    const expected = words(count).map((word) => Math.fround(-0.5 + 2.75 * (word / 2 ** 32)));
    expect(difference(runtime.arena.f32(out, count), expected)).toBeUndefined();
  });

  it('random_normal_f32 is Box-Muller of the stream', async () => {
    const runtime = await createRuntime();
    const count = 8192;
    const out = runtime.arena.allocate(count * 4, 'workspace');
    runtime.normal(out, count, 0.3, named);
    const source = words(count);
    const scale = Math.fround(0.3);
    const expected = source.map((_, i) => {
      const [u, v] = [(source[i & ~1] + 0.5) / 2 ** 32, source[i | 1] / 2 ** 32];
      const radius = Math.sqrt(-2 * Math.log(u)) * scale;
      return radius * (i % 2 === 0 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v));
    });
    expect(difference(runtime.arena.f32(out, count), expected, 2 ** -23)).toBeUndefined(); // |x| < 2: half an ulp of f32
  });
});

it('moments of a million normal numbers, within five standard errors', async () => {
  const runtime = await createRuntime();
  const count = 2 ** 20;
  const out = runtime.arena.allocate(count * 4, 'workspace');
  runtime.normal(out, count, 1, { seed: 3, purpose: purposeId('moments'), step: 0 });
  const sums = [0, 0, 0, 0];
  let neighbours = 0;
  let beyond = 0;
  const x = runtime.arena.f32(out, count);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 4; k++) sums[k] += x[i] ** (k + 1);
    neighbours += x[i] * x[(i + 1) % count];
    if (Math.abs(x[i]) > 1.959963985) beyond++;
  }
  // Variances of x, x^2, x^3, x^4: 1, 2, 15, 96.
  [1, 2, 15, 96].forEach((variance, k) => {
    expect(Math.abs(sums[k] / count - [0, 1, 0, 3][k])).toBeLessThan(5 * Math.sqrt(variance / count));
  });
  expect(Math.abs(neighbours / count)).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(beyond / count - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / count));
});
