/**
 * Per-channel constants of the block kernels.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { foldRealThreshold } from '../../src/nn/fold.js';
import type { ChannelConstants } from '../oracle/block.js';
import { put } from './memory.js';
import type { TestRandom } from './random.js';

/** 64 bytes per channel: f32 a, b, slope, limit, s0, s1, k1, k2, k3, inverse. */
export function putConstants(runtime: Runtime, constants: readonly ChannelConstants[]): number {
  const values = new Float32Array(constants.length * 16);
  constants.forEach((q, c) => {
    values.set([q.a, q.b, q.slope, q.limit, q.s0, q.s1, q.k1, q.k2, q.k3, q.inverse], c * 16);
  });
  return put(runtime, values);
}

export type Activation = 'none' | 'prelu' | 'zero slope' | 'negative slope' | 'hardtanh';

/** Random f32 constants for x of about ±range, with u of about ±2. */
export function randomConstants(random: TestRandom, channels: number, range: number, kind: Activation, sign: boolean): ChannelConstants[] {
  const slope = { none: 1, prelu: 0.25, 'zero slope': 0, 'negative slope': -0.5, hardtanh: 1 }[kind];
  return Array.from({ length: channels }, () => {
    const a = random.f32(0.5, 2.5) / range;
    return {
      a: Math.fround(random.sign() * a),
      b: random.f32(-0.7, 0.7),
      slope: slope === 1 ? 1 : Math.fround(slope * random.f32(0.5, 1.5)),
      limit: kind === 'hardtanh' ? 1 : Number.POSITIVE_INFINITY,
      s0: sign ? 2 : 1,
      s1: sign ? 2 : 0,
      k1: random.f32(-1, 1),
      k2: Math.fround(random.f32(-0.3, 0.3) / range),
      k3: random.f32(-0.3, 0.3),
      inverse: 0,
    };
  });
}

/** 8 bytes per channel: f32 t and u32 flip of the sign of what the constants make of x. */
export function putThresholds(runtime: Runtime, constants: readonly ChannelConstants[]): number {
  const words = new Uint32Array(constants.length * 2);
  const floats = new Float32Array(words.buffer);
  constants.forEach(({ a, b, slope }, c) => {
    const { t, flip } = foldRealThreshold(a, b, slope);
    floats[2 * c] = t;
    words[2 * c + 1] = flip ? 0x80000000 : 0;
  });
  return put(runtime, words);
}

/** Masks of the first `count` images: u32 [images] and i8 [images], all bits 1 for those that count. */
export function putMasks(runtime: Runtime, images: number, count: number): { words: number; bytes: number } {
  const words = Uint32Array.from({ length: images }, (_, n) => (n < count ? 0xffffffff : 0));
  return {
    words: put(runtime, words),
    bytes: put(
      runtime,
      Int8Array.from(words, (mask) => (mask === 0 ? 0 : -1)),
    ),
  };
}
