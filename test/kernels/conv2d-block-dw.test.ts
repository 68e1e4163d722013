import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { type Activation, putConstants, putMasks, randomConstants } from '../helpers/block.js';
import { sizes } from '../helpers/conv2d.js';
import { toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { type BlockTerms, blockBackward, type ChannelConstants, maxPool2d } from '../oracle/block.js';
import { type Conv2dCase, conv2dDw, outputSize } from '../oracle/conv2d.js';

type Type = 'i16' | 'f32';
interface Case extends Conv2dCase {
  pool: number;
  count: number;
}

const ROWS: [height: number, width: number, cin: number, cout: number, kernel: number, stride: number, padding: number, pool: number][] = [
  [4, 5, 3, 16, 3, 1, 1, 1],
  [9, 3, 1, 33, 3, 1, 1, 1],
  [5, 6, 2, 7, 3, 2, 1, 1],
  [4, 4, 3, 18, 5, 1, 2, 1],
  [1, 1, 128, 5, 1, 1, 0, 1],
  [1, 1, 127, 17, 1, 1, 0, 1],
  [6, 7, 3, 17, 3, 1, 1, 2],
  [17, 4, 1, 5, 3, 1, 1, 2],
  [7, 9, 2, 3, 3, 1, 0, 3],
];
const CASES: Case[] = ROWS.map(([height, width, cin, cout, kernel, stride, padding, pool], i) => ({
  ...{ images: i % 2 === 0 ? 128 : 64, height, width, cin, cout, kernel, stride, padding, pool, count: i % 2 === 0 ? 100 : 61 },
  name: `${kernel}x${kernel} stride ${stride} pad ${padding}, ${height}x${width}, ${cin} -> ${cout}, window ${pool}`,
}));

/** |g| <= 2, factor <= 2, slope <= 1.5: |du| <= 6; |dx| <= 7; |x| <= 1. */
const LARGEST = 7;

interface Operands {
  terms: BlockTerms[];
  /** The block's x. */
  y: Float64Array;
  x: Float64Array;
  argmax: Uint8Array | undefined;
  /** Products of images * OH * OW rows with patches: the definition for values behind the pool. */
  dw(values: ArrayLike<number>): Float64Array;
  run(sums: number): { parts: Float64Array; bands: number };
}

function prepare(runtime: Runtime, s: Case, type: Type, constants: ChannelConstants[]): Operands {
  const random = new TestRandom(s.cin * 7 + s.cout);
  const { shape, P, O } = sizes(runtime, s);
  const [outHeight, outWidth] = [outputSize(s.height, s), outputSize(s.width, s)];
  const [height, width] = [outHeight, outWidth].map((n) => Math.floor(n / s.pool));
  const inner = height * width;
  const length = s.images * inner * s.cout;
  const counts = (k: number, perImage: number): boolean => k < s.count * perImage;
  const x = random.array(s.images * P * s.cin, (r) => r.f32(-1, 1)).map((v, k) => (counts(k, P * s.cin) ? v : 0));
  const y = random.array(length, (r) => r.f32(-100, 100));
  const scale = random.array(s.images, (r) => (type === 'i16' ? r.f32(0.5, 2) / 511 : 0)).map(Math.fround);
  const raw = random
    .array(length, (r) => (type === 'i16' ? r.integer(-511, 511) : r.f32(-1, 1)))
    .map((v, k) => (counts(k, inner * s.cout) ? v : 0));
  const g = type === 'i16' ? raw.map((v, k) => Math.fround(v * scale[Math.floor(k / (inner * s.cout))])) : raw;
  const window = { images: s.images, height: outHeight, width: outWidth, channels: s.cout, size: s.pool, stride: s.pool };
  const argmax =
    s.pool > 1
      ? maxPool2d(
          random.array(s.images * O * s.cout, (r) => r.integer(-9, 9)),
          window,
          new Int16Array(s.cout),
        ).argmax
      : undefined;
  const rows = (values: Float64Array, positions: number, channels: number): number =>
    put(runtime, toBatchMinor(values, s.images, positions, channels, new Float32Array(values.length)));
  const gAt = type === 'f32' ? rows(raw, inner, s.cout) : put(runtime, toBatchMinor(raw, s.images, inner, s.cout, new Int16Array(length)));
  const filter = s.kernel ** 2 * s.cin;
  const bands = Math.ceil(((s.images / 64) * height) / 8);
  const operands = [
    gAt,
    put(runtime, Float32Array.from(scale)),
    rows(y, inner, s.cout),
    putConstants(runtime, constants),
    argmax === undefined ? 0 : put(runtime, toBatchMinor(argmax, s.images, inner, s.cout, new Uint8Array(length))),
    putMasks(runtime, s.images, s.count).words,
    rows(x, P, s.cin),
  ];
  return {
    terms: Array.from(y, (value, k) => blockBackward(value, g[k], constants[k % s.cout])),
    y,
    x,
    argmax,
    dw(values) {
      const dy = new Float64Array(s.images * O * s.cout);
      for (let k = 0; k < values.length; k++) {
        const [image, position, c] = [Math.floor(k / (inner * s.cout)), Math.floor(k / s.cout) % inner, k % s.cout];
        const place = argmax === undefined ? 0 : argmax[k];
        const oy = Math.floor(position / width) * s.pool + Math.floor(place / s.pool);
        const ox = (position % width) * s.pool + (place % s.pool);
        dy[(image * O + oy * outWidth + ox) * s.cout + c] = values[k];
      }
      return conv2dDw(dy, x, s);
    },
    run(sums) {
      const size = bands * s.cout * filter;
      const parts = dirty(runtime, size * 4);
      runtime.run(`conv2d_block_dw_f32${type}`, Math.ceil(s.cout / 16) * bands, ...operands, parts, sums, shape, s.pool);
      return { parts: Float64Array.from(runtime.arena.f32(parts, size)), bands };
    },
  };
}

/** The sum of the parts. */
function total(parts: Float64Array, bands: number): Float64Array {
  const size = parts.length / bands;
  return parts.slice(0, size).map((_, i) => Array.from({ length: bands }, (_, b) => parts[b * size + i]).reduce((sum, v) => sum + v, 0));
}

const KINDS: Activation[] = ['none', 'prelu', 'zero slope', 'negative slope', 'hardtanh'];
const VARIANTS = KINDS.flatMap((kind, i) => [['i16', kind, true] as const, ['f32', kind, i % 2 === 0] as const]);

describe.each(CASES)('$name', (s) => {
  const bound = (terms: number): number => LARGEST * (terms + 2) * 2 * Math.sqrt(terms) * 2 ** -24;
  const terms = s.images * outputSize(s.height, s) * outputSize(s.width, s);

  it.each(VARIANTS)('dx times patches: g %s, %s, sign %s', async (type, kind, sign) => {
    const runtime = await createRuntime();
    const constants = randomConstants(new TestRandom(s.cout), s.cout, 50, kind, sign);
    const o = prepare(runtime, s, type, constants);
    const { parts, bands } = o.run(0);
    const perImage = o.terms.length / s.images;
    const dx = o.terms.map((term, k) => (k < s.count * perImage ? term.dx : 0));
    expect(difference(total(parts, bands), o.dw(dx), bound(terms))).toBeUndefined();
  });

  if (s.pool > 1) return;

  it.each(VARIANTS)('du times patches, and its sums: g %s, %s, sign %s', async (type, kind, sign) => {
    const runtime = await createRuntime();
    const constants = randomConstants(new TestRandom(s.cout), s.cout, 50, kind, sign);
    const o = prepare(runtime, s, type, constants);
    const bands = Math.ceil(((s.images / 64) * outputSize(s.height, s)) / 8);
    const sums = dirty(runtime, bands * s.cout * 32);
    const { parts } = o.run(sums);
    expect(difference(total(parts, bands), o.dw(o.terms.map(({ du }) => du)), bound(terms))).toBeUndefined();
    const expected = new Float64Array(s.cout * 4);
    const perImage = o.terms.length / s.images;
    o.terms.forEach(({ du, dslope, dead }, k) => {
      const at = 4 * (k % s.cout);
      expected[at] += du;
      expected[at + 1] += du * o.y[k];
      expected[at + 2] += dslope;
      expected[at + 3] += dead && k < s.count * perImage ? 1 : 0;
    });
    const actual = total(runtime.arena.f64(sums, bands * s.cout * 4).slice(), bands);
    // |du| <= 6, |y| <= 100, |u| <= 6, and 16 f32 additions per row and lane.
    for (const [i, size] of [6, 600, 36, 0].entries()) {
      const column = (values: Float64Array): Float64Array => values.filter((_, k) => k % 4 === i);
      expect(difference(column(actual), column(expected), 20 * terms * size * 2 ** -24)).toBeUndefined();
    }
  });
});
