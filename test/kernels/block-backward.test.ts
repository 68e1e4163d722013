import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { BLOCK_CASES, type BlockCase, POOL_CASES } from '../cases/block.js';
import { type Activation, putConstants, putMasks, randomConstants } from '../helpers/block.js';
import { fromBatchMinor, toBatchMinor, toTransposed } from '../helpers/layout.js';
import { difference, dirty, put, range } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { type BlockTerms, blockBackward, type ChannelConstants, maxPool2d, unpool } from '../oracle/block.js';
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

/** dx of the values that count; 0 of the others. */
function gradientOf(o: Operands, constants: ChannelConstants[], counted: number): Float64Array {
  return Float64Array.from(terms(o, constants), ({ dx }, k) => (k < counted ? dx : 0));
}

/** |dx| <= 7, 8 roundings. */
const F32_ERROR = 8 * 7 * 2 ** -24;

interface Copies {
  expected: Float64Array;
  rows: Float64Array;
  transposed: ArrayLike<number>;
  constants: ChannelConstants[];
  inverse: Float64Array;
  noise: Float32Array;
}

/** Runs block_dx behind a binary product. `pooled`: its values have an argmax, which is transposed with them. */
async function productGradient(
  gType: Type,
  qType: Type | 'i8',
  qmax: number,
  s: BlockCase,
  kind: Activation,
  pooled: boolean,
): Promise<Copies> {
  const runtime = await createRuntime();
  const { images, count, positions: P, channels: C } = s;
  const random = new TestRandom(C * 13 + P);
  const groups = images / 64;
  const o = operands(runtime, random, 'i16', gType, s);
  // |dx| <= 6 + 0.6 + 0.3: scales that use about the whole range, some of them beyond it.
  const constants = randomConstants(random, C, RANGE, kind, kind !== 'prelu').map((q) => ({
    ...q,
    inverse: random.f32(qmax / 7, qmax / 2),
  }));
  const inverse = random.array(images, (r) => r.f32(qmax / 7, qmax / 2));
  const noise = Float32Array.from(random.array(NOISE_FLOATS, (r) => r.f32(-0.5, 0.5)));
  const length = images * P * C;
  const argmax = Uint8Array.from(random.array(length, (r) => r.integer(0, 224)));
  const argmaxAt = pooled ? put(runtime, toBatchMinor(argmax, images, P, C, new Uint8Array(length))) : 0;
  const bytes = { i8: 1, i16: 2, f32: 4 }[qType];
  const lanes = 64 / bytes;
  const padded = Math.ceil(C / lanes) * lanes * images * P;
  const [rows, transposed] = [dirty(runtime, length * bytes), dirty(runtime, padded * bytes)];
  const argmaxT = pooled ? dirty(runtime, padded) : 0;
  runtime.run(
    `block_dx_i16${gType}_${qType}`,
    tiles(C) * groups,
    o.gAt,
    o.scaleAt,
    o.xAt,
    putConstants(runtime, constants),
    argmaxAt,
    putMasks(runtime, images, count).words,
    put(runtime, Float32Array.from(inverse)),
    put(runtime, noise),
    rows,
    transposed,
    argmaxT,
    groups,
    P,
    C,
    qmax,
  );
  if (pooled) {
    const actual = runtime.arena.u8(argmaxT, padded);
    expect(difference(actual, toTransposed(argmax, images, P, C, lanes, new Uint8Array(padded)))).toBeUndefined();
  }
  return {
    expected: gradientOf(o, constants, count * P * C),
    rows: fromBatchMinor(runtime.arena[qType](rows, length), images, P, C),
    transposed: runtime.arena[qType](transposed, padded),
    constants,
    inverse,
    noise,
  };
}

describe.each(BLOCK_CASES.flatMap((s) => [false, true].map((pooled) => ({ ...s, pooled }))))('block_dx: $name, pooled $pooled', (s) => {
  const { images, positions: P, channels: C, pooled } = s;

  it.each(KINDS)('block_dx_i16f32_f32, %s', async (kind) => {
    const r = await productGradient('f32', 'f32', 0, s, kind, pooled);
    expect(difference(r.rows, r.expected, F32_ERROR)).toBeUndefined();
    const padded = new Float32Array(Math.ceil(C / 16) * 16 * images * P);
    expect(difference(r.transposed, toTransposed(r.rows, images, P, C, 16, padded))).toBeUndefined();
  });

  const integers = [
    ['i16', 'i16', 511],
    ['f32', 'i16', 511],
    ['i16', 'i8', 15],
    ['f32', 'i8', 6],
  ] as const;
  it.each(KINDS.flatMap((kind) => integers.map((types) => [...types, kind] as const)))(
    'block_dx_i16%s_%s up to %i, %s',
    async (gType, qType, qmax, kind) => {
      const r = await productGradient(gType, qType, qmax, s, kind, pooled);
      const rounded = (inverse: (k: number) => number, shift?: number): Float64Array =>
        r.expected.map((dx, k) => roundedAt(dx * inverse(k), k, P, C, r.noise, qmax, shift));
      const perImage = (k: number): number => r.inverse[Math.floor(k / (P * C))];
      const perChannel = (k: number): number => r.constants[k % C].inverse;
      expectRounded(r.rows, rounded(perImage), rounded(perImage, 1e-3));
      const lanes = qType === 'i16' ? 32 : 64;
      const transpose = (values: Float64Array): Int16Array =>
        toTransposed(values, images, P, C, lanes, new Int16Array(Math.ceil(C / lanes) * lanes * images * P));
      expectRounded(r.transposed, transpose(rounded(perChannel)), transpose(rounded(perChannel, 1e-3)));
      expect(range(r.rows)[1]).toBeLessThanOrEqual(qmax);
    },
  );
});

const REAL_CASES = [
  ...POOL_CASES.map((s) => ({ ...s, pooled: s.size > 1 })),
  { name: 'no pool, 3x5, 129 channels, 64 images', images: 64, height: 3, width: 5, channels: 129, size: 1, stride: 1, pooled: false },
  { name: 'no pool, 1x1, 48 channels, 128 images', images: 128, height: 1, width: 1, channels: 48, size: 1, stride: 1, pooled: false },
];

describe.each(REAL_CASES)('block_dx behind a float product: $name', (s) => {
  const { images, height, width, channels: C, pooled } = s;
  const count = images === 128 ? 65 : 61;
  const [P, O] = [height * width, (Math.floor((height - s.size) / s.stride) + 1) * (Math.floor((width - s.size) / s.stride) + 1)];

  it.each(KINDS.flatMap((kind) => (['i16', 'f32'] as const).map((gType) => [gType, kind] as const)))(
    'block_dx_f32%s_f32, %s',
    async (gType, kind) => {
      const runtime = await createRuntime();
      const random = new TestRandom(C * 13 + height);
      const o = operands(runtime, random, 'f32', gType, { name: s.name, images, count, positions: O, channels: C });
      const constants = randomConstants(random, C, RANGE, kind, kind !== 'prelu');
      const map = random.array(images * P * C, (r) => r.integer(-9, 9));
      const { argmax } = maxPool2d(map, s, new Int16Array(C));
      const argmaxAt = pooled ? put(runtime, toBatchMinor(argmax, images, O, C, new Uint8Array(argmax.length))) : 0;
      const out = dirty(runtime, images * P * C * 4);
      runtime.run(
        `block_dx_f32${gType}_f32`,
        (tiles(C) * images) / 64,
        o.gAt,
        o.scaleAt,
        o.xAt,
        putConstants(runtime, constants),
        argmaxAt,
        putMasks(runtime, images, count).words,
        out,
        put(runtime, Int32Array.of(images / 64, height, width, C, s.size, s.stride)),
      );
      const expected = unpool(gradientOf(o, constants, count * O * C), pooled ? argmax : new Uint8Array(argmax.length), s);
      expect(difference(fromBatchMinor(runtime.arena.f32(out, images * P * C), images, P, C), expected, F32_ERROR)).toBeUndefined();
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
