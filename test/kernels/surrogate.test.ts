import { describe, expect, it } from 'vitest';
import { putConstants, putMasks } from '../helpers/block.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { createRuntime } from '../helpers/runtime.js';
import type { ChannelConstants } from '../oracle/block.js';

/** F9: surrogate gradients of the sign. */
const X = [-2, -1, -0.75, -0.25, 0, 0.25, 0.75, 1, 1.5];
const TABLE: [name: string, constants: Partial<ChannelConstants>, expected: number[]][] = [
  ['clip1: hard tanh, then the identity', { limit: 1, s0: 1, s1: 0 }, [0, 1, 1, 1, 1, 1, 1, 1, 0]],
  ['ApproxSign', { s0: 2, s1: 2 }, [0, 0, 0.5, 1.5, 2, 1.5, 0.5, 0, 0]],
  ['hard tanh, then ApproxSign', { limit: 1, s0: 2, s1: 2 }, [0, 0, 0.5, 1.5, 2, 1.5, 0.5, 0, 0]],
];

describe.each(TABLE)('F9: %s', (_, change, expected) => {
  it('block_dx_f32f32_f32', async () => {
    const runtime = await createRuntime();
    const constants = { a: 1, b: 0, slope: 1, limit: Number.POSITIVE_INFINITY, s0: 1, s1: 0, k1: 1, k2: 0, k3: 0, inverse: 0, ...change };
    const x = new Float32Array(64);
    x.set(X);
    const operands = [
      put(runtime, new Float32Array(64).fill(1)),
      0,
      put(runtime, x),
      putConstants(runtime, [constants]),
      0,
      putMasks(runtime, 64, 64).words,
    ];
    const out = dirty(runtime, 256);
    runtime.run('block_dx_f32f32_f32', 1, ...operands, out, put(runtime, Int32Array.of(1, 1, 1, 1, 1, 1)));
    expect(difference(runtime.arena.f32(out, X.length), expected)).toBeUndefined();
  });
});
