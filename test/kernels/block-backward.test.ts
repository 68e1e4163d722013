import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { BLOCK_CASES, type BlockCase, POOL_CASES, type PoolCase } from '../cases/block.js';
import { type Activation, putConstants, putMasks, randomConstants } from '../helpers/block.js';
import { fromBatchMinor, toBatchMinor, toTransposed } from '../helpers/layout.js';
import { difference, dirty, put, range } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { type BlockTerms, blockBackward, type ChannelConstants, maxPool2d } from '../oracle/block.js';
import { NOISE_FLOATS, roundedAt } from '../oracle/rounding.js';

type Type = 'i16' | 'f32';
const KINDS: Activation[] = ['none', 'prelu', 'zero slope', 'negative slope', 'hardtanh'];
const RANGE = 50;
const tiles = (channels: number): number => Math.ceil(channels / 32);

interface Operands {
  x: Float64Array;
  /** The values of g that the kernel sees: for i16, whole numbers times a scale per image. */
  g: Float64Array;
  xAt: number;
  gAt: number;
  scaleAt: number;
}

/** x integers within ±100; g within ±1 and 0 for images that do not count. */
function operands(runtime: Runtime, random: TestRandom, xType: Type, gType: Type, s: BlockCase): Operands {
  const { images, count, positions: P, channels: C } = s;
  const length = images * P * C;
  const x = random.array(length, (r) => (xType === 'i16' ? r.integer(-100, 100) : r.f32(-100, 100)));
  const scale = random.array(images, (r) => (gType === 'i16' ? r.f32(0.5, 2) / 511 : 0)).map(Math.fround);
  const raw = random
    .array(length, (r) => (gType === 'i16' ? r.integer(-511, 511) : r.f32(-1, 1)))
    .map((v, k) => (k < count * P * C ? v : 0));
  const make = (type: Type, values: Float64Array): number =>
    put(runtime, toBatchMinor(values, images, P, C, type === 'i16' ? new Int16Array(length) : new Float32Array(length)));
  return {
    x,
    g: gType === 'i16' ? raw.map((v, k) => Math.fround(v * scale[Math.floor(k / (P * C))])) : raw,
    xAt: make(xType, x),
    gAt: make(gType, raw),
    scaleAt: put(runtime, Float32Array.from(scale)),
  };
}

function terms({ x, g }: Operands, constants: ChannelConstants[]): BlockTerms[] {
  return Array.from(x, (value, k) => blockBackward(value, g[k], constants[k % constants.length]));
}

const VARIANTS: [Type, Type, Activation, boolean][] = KINDS.flatMap((kind, i): [Type, Type, Activation, boolean][] => [
  ['i16', 'i16', kind, true],
  ['i16', 'f32', kind, i % 2 === 0],
  ['f32', 'i16', kind, true],
  ['f32', 'f32', kind, i % 2 === 1],
]);

describe.each(BLOCK_CASES)('block_sums: $name', (s) => {
  it.each(VARIANTS)('x %s, g %s, %s, sign %s', async (xType, gType, kind, sign) => {
    const { images, positions: P, channels: C } = s;
    const runtime = await createRuntime();
    const random = new TestRandom(C * 7 + P);
    const constants = randomConstants(random, C, RANGE, kind, sign);
    const o = operands(runtime, random, xType, gType, s);
    const groups = images / 64;
    const [sums, maxima, dead] = [dirty(runtime, C * 32), dirty(runtime, tiles(C) * images * 4), dirty(runtime, C * 4)];
    runtime.run(
      `block_sums_${xType}${gType}`,
      tiles(C),
      o.gAt,
      o.scaleAt,
      o.xAt,
      putConstants(runtime, constants),
      sums,
      maxima,
      dead,
      putMasks(runtime, images, images - 3).words,
      groups,
      P,
      C,
    );
    const all = terms(o, constants);
    const expected = { sums: new Float64Array(C * 4), maxima: new Float64Array(tiles(C) * images), dead: new Float64Array(C) };
    all.forEach((t, k) => {
      const [c, n] = [k % C, Math.floor(k / (P * C))];
      expected.sums[4 * c] += t.du;
      expected.sums[4 * c + 1] += t.du * o.x[k];
      expected.sums[4 * c + 2] += t.dslope;
      expected.sums[4 * c + 3] = Math.max(expected.sums[4 * c + 3], Math.abs(t.du));
      const at = Math.floor(c / 32) * images + n;
      expected.maxima[at] = Math.max(expected.maxima[at], Math.abs(constants[c].k1 * t.du));
      if (t.dead && n < images - 3) expected.dead[c]++;
    });
    // |du| <= 6 (g 2, factor 2, slope 1.5) and 16 f32 additions per row and lane; |u| <= 6, |x| <= 100.
    const rows = images * P;
    const actual = runtime.arena.f64(sums, C * 4);
    for (const [i, size] of [6, 600, 36, 6].entries()) {
      const column = (values: ArrayLike<number>): number[] => Array.from({ length: C }, (_, c) => values[4 * c + i]);
      expect(difference(column(actual), column(expected.sums), (i === 3 ? 4 : 20 * rows) * size * 2 ** -24)).toBeUndefined();
    }
    expect(difference(runtime.arena.f32(maxima, expected.maxima.length), expected.maxima, 6 * 4 * 2 ** -24)).toBeUndefined();
    expect(difference(runtime.arena.u32(dead, C), expected.dead)).toBeUndefined();
  });
});

/** dx behind the pool, as the pool's place sees it, and 0 elsewhere: [images][H * W][C]. */
function scattered(values: Float64Array, argmax: Uint8Array | undefined, s: PoolCase): Float64Array {
  const [OH, OW] = [Math.floor((s.height - s.size) / s.stride) + 1, Math.floor((s.width - s.size) / s.stride) + 1];
  const out = new Float64Array(s.images * s.height * s.width * s.channels);
  values.forEach((value, k) => {
    const c = k % s.channels;
    const p = Math.floor(k / s.channels) % (OH * OW);
    const n = Math.floor(k / (s.channels * OH * OW));
    const place = argmax === undefined ? 0 : argmax[k];
    const y = Math.floor(p / OW) * s.stride + Math.floor(place / s.size);
    const x = (p % OW) * s.stride + (place % s.size);
    out[((n * s.height + y) * s.width + x) * s.channels + c] = value;
  });
  return out;
}

interface Gradients {
  expected: Float64Array;
  rows: Float64Array;
  transposed: ArrayLike<number>;
  o: Operands;
  constants: ChannelConstants[];
  inverse: Float64Array;
  noise: Float32Array;
  argmax: Uint8Array | undefined;
}

/** Runs block_dx on a map behind an optional pool, with and without the transposed copy. */
async function gradients(
  name: string,
  s: PoolCase,
  count: number,
  kind: Activation,
  pooled: boolean,
  sign: boolean,
  qmax = 0,
): Promise<Gradients> {
  const [, xType, gType, qType] = /block_dx_(...)(...)_(.*)/.exec(name) as unknown as [string, Type, Type, Type | 'i8'];
  const runtime = await createRuntime();
  const random = new TestRandom(s.channels * 13 + s.height);
  const [OH, OW] = [Math.floor((s.height - s.size) / s.stride) + 1, Math.floor((s.width - s.size) / s.stride) + 1];
  const [P, O, C] = [s.height * s.width, OH * OW, s.channels];
  const groups = s.images / 64;
  const inner: BlockCase = { name: s.name, images: s.images, count, positions: O, channels: C };
  const o = operands(runtime, random, xType, gType, inner);
  // |dx| <= 6 + 0.6 + 0.3: scales that use about the whole range, some of them beyond it.
  const constants = randomConstants(random, C, RANGE, kind, sign).map((q) => ({ ...q, inverse: random.f32(qmax / 7, qmax / 2) }));
  const inverse = random.array(s.images, (r) => r.f32(qmax / 7, qmax / 2));
  const noise = Float32Array.from(random.array(NOISE_FLOATS, (r) => r.f32(-0.5, 0.5)));
  const argmax = pooled
    ? maxPool2d(
        random.array(s.images * P * C, (r) => r.integer(-9, 9)),
        s,
        new Int16Array(C),
      ).argmax
    : undefined;
  const argmaxAt = argmax ? put(runtime, toBatchMinor(argmax, s.images, O, C, new Uint8Array(argmax.length))) : 0;
  runtime.arena.allocate(4096, 'workspace'); // spare channels of the last tile are read and masked
  const shape = put(runtime, Int32Array.of(groups, s.height, s.width, C, s.size, s.stride));
  const masks = putMasks(runtime, s.images, count).words;
  const length = s.images * P * C;
  const bytes = { i8: 1, i16: 2, f32: 4 }[qType];
  const lanes = 64 / bytes;
  const transposedLength = Math.ceil(C / lanes) * lanes * s.images * P;
  const [rows, transposed] = [dirty(runtime, length * bytes), dirty(runtime, transposedLength * bytes)];
  const perChannel = putConstants(runtime, constants);
  const [inverseAt, noiseAt] = [put(runtime, Float32Array.from(inverse)), put(runtime, noise)];
  const run = (out: number, outT: number): void =>
    runtime.run(name, tiles(C) * groups, o.gAt, o.scaleAt, o.xAt, perChannel, argmaxAt, masks, inverseAt, noiseAt, out, outT, shape, qmax);
  run(rows, transposed);
  const read = (pointer: number, n: number): Int8Array | Int16Array | Float32Array => runtime.arena[qType](pointer, n);
  const alone = dirty(runtime, length * bytes);
  run(alone, 0);
  expect(difference(read(alone, length), read(rows, length))).toBeUndefined();
  const expected = Float64Array.from(terms(o, constants), ({ dx }, k) => (k < count * O * C ? dx : 0));
  return {
    expected,
    rows: fromBatchMinor(read(rows, length), s.images, P, C),
    transposed: read(transposed, transposedLength),
    o,
    constants,
    inverse,
    noise,
    argmax,
  };
}

const DX_CASES = [
  ...POOL_CASES.map((s) => ({ ...s, pooled: s.size > 1 })),
  { name: 'no pool, 3x5, 129 channels, 64 images', images: 64, height: 3, width: 5, channels: 129, size: 1, stride: 1, pooled: false },
  { name: 'no pool, 1x1, 48 channels, 128 images', images: 128, height: 1, width: 1, channels: 48, size: 1, stride: 1, pooled: false },
];

describe.each(DX_CASES)('block_dx: $name', (s) => {
  const count = s.images === 128 ? 65 : 61;
  const P = s.height * s.width;

  it.each(
    KINDS.flatMap((kind) => ['block_dx_i16f32_f32', 'block_dx_f32i16_f32', 'block_dx_f32f32_f32'].map((name) => [name, kind] as const)),
  )('%s, %s', async (name, kind) => {
    const r = await gradients(name, s, count, kind, s.pooled, kind !== 'prelu');
    const expected = scattered(r.expected, r.argmax, s);
    expect(difference(r.rows, expected, 8 * 7 * 2 ** -24)).toBeUndefined(); // |dx| <= 7, 8 roundings
    const length = Math.ceil(s.channels / 16) * 16 * s.images * P;
    expect(difference(r.transposed, toTransposed(r.rows, s.images, P, s.channels, 16, new Float32Array(length)))).toBeUndefined();
  });

  const integers = [
    ['block_dx_i16i16_i16', 511],
    ['block_dx_i16f32_i16', 511],
    ['block_dx_i16i16_i8', 15],
    ['block_dx_i16f32_i8', 6],
  ] as const;
  it.each(KINDS.flatMap((kind) => integers.map(([name, qmax]) => [name, kind, qmax] as const)))(
    '%s, %s, up to %i',
    async (name, kind, qmax) => {
      const r = await gradients(name, s, count, kind, s.pooled, true, qmax);
      const perPosition = s.channels;
      const outputs = r.expected.length / s.images / perPosition;
      const rounded = (inverse: (k: number) => number): Float64Array =>
        scattered(
          r.expected.map((dx, k) => roundedAt(dx * inverse(k), k, outputs, s.channels, r.noise, qmax)),
          r.argmax,
          s,
        );
      const near = (inverse: (k: number) => number): Float64Array =>
        scattered(
          r.expected.map((dx, k) => roundedAt(dx * inverse(k), k, outputs, s.channels, r.noise, qmax, 1e-3)),
          r.argmax,
          s,
        );
      const perImage = (k: number): number => r.inverse[Math.floor(k / (outputs * s.channels))];
      const perChannel = (k: number): number => r.constants[k % s.channels].inverse;
      expectRounded(r.rows, rounded(perImage), near(perImage));
      const lanes = qmax === 511 ? 32 : 64;
      const length = Math.ceil(s.channels / lanes) * lanes * s.images * P;
      const transpose = (values: Float64Array): Int16Array => toTransposed(values, s.images, P, s.channels, lanes, new Int16Array(length));
      expectRounded(r.transposed, transpose(rounded(perChannel)), transpose(near(perChannel)));
      expect(range(r.rows)[1]).toBeLessThanOrEqual(qmax);
    },
  );
});

/** Equal, except by 1 where `near` says that the number lies within 1e-3 of a whole one. */
function expectRounded(actual: ArrayLike<number>, expected: ArrayLike<number>, near: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < actual.length; k++) {
    if (actual[k] === expected[k] || actual[k] === near[k]) continue;
    throw new Error(`[${k}]: ${actual[k]}, expected ${expected[k]} or ${near[k]}`);
  }
}
