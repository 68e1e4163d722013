// Closed forms of sampled signs, a million draws each through the sampling kernel, within five standard errors.
//
// The draws r_k are shared by a whole layer, so weights of one call are independent only if they use different r_k: lane c of 32 reads
// noise numbers 2c and 2c + 1 alone (Z is one-hot in k), and a call with 64 fresh numbers gives 32 independent draws of every row.
import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import { dirty } from '../helpers/memory.js';
import { createRuntime } from '../helpers/runtime.js';
import { erf, meanProduct, meanSign } from '../oracle/gaussian.js';

const CALLS = 31250;
const DRAWS = CALLS * 32;
const RANK = 64;

/** Weight i of a lane is mean + first * r_2c + second * r_2c+1. */
interface Row {
  mean: number;
  first: number;
  second: number;
}

/** Shares of -1 per row, and of signs that differ from those of row 0. */
async function sampleRows(rows: Row[]): Promise<{ negative: number[]; differ: number[] }> {
  const runtime = await createRuntime();
  const { arena } = runtime;
  const noise = arena.allocate(CALLS * RANK * 4, 'data');
  runtime.normal(noise, CALLS * RANK, 1, { seed: 8, purpose: purposeId('sample-statistics'), step: 0 });
  const n = rows.length * 32;
  const m = arena.allocate(n * 4, 'data');
  const z = arena.allocate(n * 4 * RANK, 'data');
  rows.forEach(({ mean, first, second }, i) => {
    arena.f32(m, n).fill(mean, i * 32, i * 32 + 32);
    for (let c = 0; c < 32; c++) {
      arena.f32(z, n * RANK)[2 * c * n + i * 32 + c] = first;
      arena.f32(z, n * RANK)[(2 * c + 1) * n + i * 32 + c] = second;
    }
  });
  const [words, wordsT, mode, counts] = [32 * 8, rows.length * 8, rows.length * 8, 8].map((bytes) => dirty(runtime, bytes));
  const negative = rows.map(() => 0);
  const differ = rows.map(() => 0);
  const bits = arena.u32(wordsT, rows.length * 2);
  for (let call = 0; call < CALLS; call++) {
    runtime.run('sample_vispa', 1, m, z, noise + call * RANK * 4, words, wordsT, mode, counts, rows.length, 32, 1, RANK);
    for (let i = 0; i < rows.length; i++) {
      negative[i] += ones(bits[2 * i]);
      differ[i] += ones(bits[2 * i] ^ bits[0]);
    }
  }
  return { negative: negative.map((count) => count / DRAWS), differ: differ.map((count) => count / DRAWS) };
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Five standard errors of a share p. */
const tolerance = (p: number): number => 5 * Math.sqrt(Math.max(p * (1 - p), 1 / DRAWS) / DRAWS);

it('F1: E sign(a) sign(b) = 2 / pi asin rho', async () => {
  const table = [
    [0, 0],
    [0.25, 0.160861247],
    [0.5, 1 / 3],
    [Math.SQRT1_2, 0.5],
    [0.6, 0.409665529],
    [0.8, 0.590334471],
    [Math.sqrt(3) / 2, 2 / 3],
    [-0.5, -1 / 3],
    [1, 1],
  ];
  const rows = table.map(([rho]) => ({ mean: 0, first: rho, second: Math.sqrt(1 - rho * rho) }));
  const { differ } = await sampleRows([{ mean: 0, first: 1, second: 0 }, ...rows]);
  table.forEach(([rho, expected], i) => {
    expect(meanProduct(rho)).toBeCloseTo(expected, 8);
    const p = (1 - expected) / 2;
    expect(Math.abs(differ[i + 1] - p), `rho ${rho}`).toBeLessThan(tolerance(p));
  });
});

it('F2 and F5: E sign(w) = erf(mu / (sigma sqrt 2)), and a linear loss of signs', async () => {
  const table = [
    [0, 1, 0.5],
    [0.5, 1, 0.308537539],
    [1, 1, 0.158655254],
    [-1, 2, 0.691462461],
    [0.6, 0.8, 0.226627352],
    [0.8, 0.6, 0.09121122],
    [0.3, 0.1, 0.001349898],
  ];
  const { negative } = await sampleRows(table.map(([mean, deviation]) => ({ mean, first: deviation * 0.6, second: deviation * 0.8 })));
  table.forEach(([mean, deviation, p], i) => {
    expect((1 - meanSign(mean, deviation)) / 2).toBeCloseTo(p, 8);
    expect(Math.abs(negative[i] - p), `mean ${mean}, deviation ${deviation}`).toBeLessThan(tolerance(p));
  });
  const c = [0.3, -1, 0.5, 2, -0.25, 1, -3];
  const loss = c.reduce((sum, value, i) => sum + value * (1 - 2 * negative[i]), 0);
  const expected = c.reduce((sum, value, i) => sum + value * erf(table[i][0] / (table[i][1] * Math.SQRT2)), 0);
  // The rows share their draws: add the standard errors.
  expect(Math.abs(loss - expected)).toBeLessThan(c.reduce((sum, value, i) => sum + 2 * Math.abs(value) * tolerance(table[i][2]), 0));
});

describe('F8: the share of signs that noise of deviation rho flips is atan(rho) / pi', () => {
  it.each([
    [0.1, 0.0317255],
    [0.141421, 0.0447193],
    [0.2, 0.062833],
    [0.282843, 0.0877398],
    [1, 0.25],
  ])('rho %d', async (rho, expected) => {
    expect(Math.atan(rho) / Math.PI).toBeCloseTo(expected, 6);
    const runtime = await createRuntime();
    const { arena } = runtime;
    const calls = 16384;
    const [m, noise] = [0, 1].map((step) => {
      const pointer = arena.allocate(calls * 256, 'data');
      runtime.normal(pointer, calls * 64, 1, { seed: 9, purpose: purposeId('F8'), step });
      return pointer;
    });
    // 64 outputs, output c reads noise number c alone.
    const z = arena.allocate(64 * 256, 'data');
    for (let c = 0; c < 64; c++) arena.f32(z, 4096)[c * 64 + c] = rho;
    const [words, wordsT, mode, counts] = [512, 8, 8, 8].map((bytes) => dirty(runtime, bytes));
    let flipped = 0;
    for (let call = 0; call < calls; call++) {
      runtime.run('sample_vispa', 1, m + call * 256, z, noise + call * 256, words, wordsT, mode, counts, 1, 64, 1, 64);
      flipped += arena.u32(counts, 2)[1];
    }
    const draws = calls * 64;
    expect(Math.abs(flipped / draws - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / draws));
  });
});
