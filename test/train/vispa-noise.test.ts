// How VISPA draws its noise in training, and what each draw does to the factor: through the states that train.
import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import { type VispaOptions, vispa } from '../../src/train/methods/vispa.js';
import { toLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { buildState, drain, packed, type StateOnTest, setGaussian, signs } from '../helpers/state.js';

const KINDS = ['gaussian', 'antithetic', 'sigma-points'] as const;
const NAME = '1.binaryConv2d.weight';

function setGradient({ runtime, parameter }: StateOnTest, values: number[]): void {
  runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(values, values.length, 1, 1));
}

/** One step of plain SGD at rate 1 on a layer with one input: what M and the Z_k lose, per weight. Leaves M and Z as they were. */
function descent(built: StateOnTest, m: number[], z: number[][], step: number, gradient: number[]): { m: number[]; z: number[][] } {
  setGaussian(built, m, z);
  built.state.sample({ kind: 'train', step, progress: 0 });
  setGradient(built, gradient);
  drain(built.state.update(1));
  const n = m.length;
  const [mean, factor] = [built.array(0), built.array(1)];
  const lost = (before: number[], after: ArrayLike<number>): number[] => before.map((value, i) => value - after[i]);
  const moved = {
    m: lost(m, mean),
    z: z.map((row, k) => lost(row, factor.subarray(k * 32, k * 32 + n))),
  };
  setGaussian(built, m, z);
  return moved;
}

/** What multiplies the gradient for each Z_k in a step. */
function multipliers(built: StateOnTest, n: number, rank: number, step: number): number[] {
  const zeros = Array(n).fill(0);
  const moved = descent(built, zeros, Array(rank).fill(zeros), step, Array(n).fill(1));
  return moved.z.map(([first]) => first);
}

describe('F3: gradients of Z', () => {
  const M = [3, -0.5, 0.1];
  const Z = [
    [4, 0, 1],
    [0, 2, -1],
  ];
  const g = [0.2, -0.4, 1];

  it.each([
    ['published', 1],
    ['true', 2],
  ] as const)('%s: eps_k g / %d with S = 4', async (factorGradient, divisor) => {
    const built = await buildState(vispa({ rank: 2, noiseScale: 4, factorGradient }), { cout: 3, cin: 1 });
    const eps = built.runtime.arena.allocate(16, 'workspace');
    built.runtime.normal(eps, 2, 1, { seed: 1, purpose: purposeId(`noise/train/${NAME}`), step: 7 });
    const moved = descent(built, M, Z, 7, g);
    expect(difference(Float64Array.from(moved.m), g, 1e-6)).toBeUndefined();
    built.runtime.arena.f32(eps, 2).forEach((e, k) => {
      expect(
        difference(
          Float64Array.from(moved.z[k]),
          g.map((value) => (e / divisor) * value),
          1e-6,
        ),
      ).toBeUndefined();
    });
  });

  it('the vector of F3, rv = (.5, -1), is that of the sum of two sigma points', async () => {
    // The gradient is linear in the noise: eps = (1, -2) is 1/sqrt(2) of point +sqrt(2) e_0 and 2/sqrt(2) of point -sqrt(2) e_1.
    const table = { published: [[0.2, -0.4, 1], [-0.4, 0.8, -2]], true: [[0.1, -0.2, 0.5], [-0.2, 0.4, -1]] }; // biome-ignore format: two rows
    for (const factorGradient of ['published', 'true'] as const) {
      const built = await buildState(vispa({ rank: 2, noiseScale: 4, noise: 'sigma-points', factorGradient }), { cout: 3, cin: 1 });
      const sum = Z.map((row) => row.map(() => 0));
      for (let step = 0; step < 4; step++) {
        const { z } = descent(built, M, Z, step, g);
        const share = z[0][0] > 1e-6 ? 1 / Math.SQRT2 : z[1][0] < -1e-6 ? 2 / Math.SQRT2 : 0;
        z.forEach((row, k) => {
          for (const [i, value] of row.entries()) sum[k][i] += share * value;
        });
      }
      sum.forEach((row, k) => {
        expect(difference(Float64Array.from(row), table[factorGradient][k], 2e-6)).toBeUndefined();
      });
    }
  });
});

describe('F4: the gradient of an expected quadratic loss', () => {
  const A = [
    [2, -1],
    [-1, 3],
  ];
  const b = [1, -2];
  const mu = [0.6, -0.3];
  /** By factor; rows of F4's Z are weights. */
  const Z = [
    [0.8, 0.1],
    [0, 0.5],
  ];
  const product = (v: number[]): number[] => A.map((row) => row.reduce((sum, value, j) => sum + value * v[j], 0));

  /** Mean of the gradients of M and Z over steps [0, count), each at w = mu + Z r without rounding, and their squares. */
  async function mean(options: VispaOptions, count: number): Promise<{ m: number[]; z: number[][] }> {
    const { noiseScale: scale = 1, factorGradient = 'true' } = options;
    const built = await buildState(vispa({ rank: 2, noiseScale: scale, factorGradient, ...options }), { cout: 2, cin: 1 });
    const sum = { m: [0, 0], z: [[0, 0], [0, 0]] }; // biome-ignore format: short
    for (let step = 0; step < count; step++) {
      const r = multipliers(built, 2, 2, step).map((factor) => (factorGradient === 'true' ? factor : factor / Math.sqrt(scale)));
      const w = mu.map((value, i) => value + r[0] * Z[0][i] + r[1] * Z[1][i]);
      const gradient = product(w).map((value, i) => value + b[i]);
      const moved = descent(built, mu, Z, step, gradient);
      for (const i of [0, 1]) {
        sum.m[i] += moved.m[i] / count;
        for (const k of [0, 1]) sum.z[k][i] += moved.z[k][i] / count;
      }
    }
    return sum;
  }

  const close = (actual: number[], expected: number[], tolerance: number): void =>
    expect(difference(Float64Array.from(actual), expected, tolerance)).toBeUndefined();

  it('sigma points give it exactly: grad_mu = A mu + b, grad_Z = A Z', async () => {
    const { m, z } = await mean({ noise: 'sigma-points' }, 4);
    close(m, [2.5, -3.5], 2e-6);
    close(z[0], [1.5, -0.5], 2e-6);
    close(z[1], [-0.5, 1.5], 2e-6);
  });

  it.each([
    ['true', 4],
    ['published', 2],
  ] as const)('with S = 4 the %s one is A Z / %d', async (factorGradient, divisor) => {
    const { z } = await mean({ noise: 'sigma-points', noiseScale: 4, factorGradient }, 4);
    close(z[0], [1.5 / divisor, -0.5 / divisor], 2e-6);
    close(z[1], [-0.5 / divisor, 1.5 / divisor], 2e-6);
  });

  it('a pair of opposites gives grad_mu exactly, and independent draws do not', async () => {
    close((await mean({ noise: 'antithetic' }, 2)).m, [2.5, -3.5], 2e-6);
    expect(Math.abs((await mean({ noise: 'gaussian' }, 2)).m[0] - 2.5)).toBeGreaterThan(0.01);
  });

  it.each(['gaussian', 'antithetic'] as const)('%s draws converge to it', async (noise) => {
    const draws = 8000;
    const { m, z } = await mean({ noise }, draws);
    // Deviations of single draws are below 4 (entries of A Z r, and of (A Z r + A mu + b) r); pairs are half as many.
    const tolerance = (5 * 4) / Math.sqrt(draws / 2);
    close(m, [2.5, -3.5], tolerance);
    close(z[0], [1.5, -0.5], tolerance);
    close(z[1], [-0.5, 1.5], tolerance);
  });
});

describe('antithetic pairs', () => {
  it('draw 2t + 1 has the noise of draw 2t reversed, and draw 2t is the one of independent noise', async () => {
    const [plain, paired] = await Promise.all(
      (['gaussian', 'antithetic'] as const).map((noise) => buildState(vispa({ rank: 3, noise }), { cout: 5, cin: 1 })),
    );
    for (const step of [0, 2, 10]) {
      const eps = multipliers(plain, 5, 3, step);
      expect(multipliers(paired, 5, 3, step)).toEqual(eps);
      expect(multipliers(paired, 5, 3, step + 1)).toEqual(eps.map((value) => -value));
      expect(multipliers(plain, 5, 3, step + 1)).not.toEqual(eps.map((value) => -value));
    }
  });

  it('with M = 0 the signs of a pair are opposites', async () => {
    const built = await buildState(vispa({ rank: 2, noise: 'antithetic' }), { cout: 20, cin: 1 });
    const random = [1, 2].map((k) => Array.from({ length: 20 }, (_, i) => Math.fround(Math.sqrt(i + k) - 3.3)));
    setGaussian(built, Array(20).fill(0), random);
    built.state.sample({ kind: 'train', step: 6, progress: 0 });
    const first = signs(built);
    built.state.sample({ kind: 'train', step: 7, progress: 0 });
    expect(signs(built)).toEqual(first.map((s) => -s));
  });
});

describe('F7: sigma points', () => {
  it.each([1, 2, 4])('rank %i: every 2K steps have all of them: mean 0, covariance I', async (rank) => {
    const built = await buildState(vispa({ rank, noise: 'sigma-points' }), { cout: 3, cin: 1 });
    const orders = new Set<string>();
    for (let cycle = 0; cycle < 8; cycle++) {
      const points = Array.from({ length: 2 * rank }, (_, i) => multipliers(built, 3, rank, cycle * 2 * rank + i));
      orders.add(JSON.stringify(points));
      for (let a = 0; a < rank; a++) {
        expect(points.reduce((sum, point) => sum + point[a], 0)).toBe(0);
        for (let c = 0; c < rank; c++) {
          const covariance = points.reduce((sum, point) => sum + point[a] * point[c], 0) / (2 * rank);
          expect(Math.abs(covariance - (a === c ? 1 : 0))).toBeLessThan(1e-6);
        }
      }
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  it('as draws of their own: point 2k is M + sqrt(K / S) Z_k, point 2k + 1 the other side, whatever training draws are', async () => {
    const M = [0.3, -0.2, 0.1, -0.9];
    const Z = [
      [-1, 0.1, 0.5, 2],
      [0.1, 1, -0.5, 0],
    ];
    for (const noise of KINDS) {
      const method = vispa({ rank: 2, noiseScale: 4, noise, noiseAnneal: 0.5 });
      expect(method.sigmaPoints).toBe(4);
      const built = await buildState(method, { cout: 4, cin: 1 });
      setGaussian(built, M, Z);
      for (let index = 0; index < 4; index++) {
        built.state.sample({ kind: 'point', index });
        const r = (index % 2 === 0 ? 1 : -1) * Math.sqrt(2 / 4);
        expect(signs(built)).toEqual(M.map((m, i) => (m + r * Z[index >> 1][i] < 0 ? -1 : 1)));
      }
    }
  });
});

describe.each(KINDS)('%s noise', (noise) => {
  const shape = { cout: 70, cin: 33, kernel: 3 };
  const method = vispa({ noiseScale: 1, noise });

  it('is a function of seed, layer and step; evaluation has noise of its own', async () => {
    const [built, again, other] = await Promise.all([1, 1, 2].map((seed) => buildState(method, { ...shape, seed })));
    const draw = (state: StateOnTest, kind: 'train' | 'sample', n: number): string => {
      state.state.sample(kind === 'train' ? { kind, step: n, progress: 0 } : { kind, index: n });
      return packed(state).join();
    };
    const first = draw(built, 'train', 3);
    expect(draw(built, 'train', 2)).not.toBe(first);
    expect(draw(built, 'sample', 3)).not.toBe(first);
    expect(draw(other, 'train', 3)).not.toBe(first);
    expect(draw(built, 'train', 3)).toBe(first);
    expect(draw(again, 'train', 3)).toBe(first);
    const evaluation = draw(again, 'sample', 3);
    expect(draw(await buildState(vispa({ noiseScale: 1 }), shape), 'sample', 3)).toBe(evaluation);
  });

  it('falls with annealing, in the weights and in the gradient', async () => {
    const annealed = await buildState(vispa({ noise, noiseAnneal: 0.5 }), { cout: 3, cin: 1 });
    const factors = multipliers(annealed, 3, 2, 5);
    annealed.state.sample({ kind: 'train', step: 5, progress: 0.75 });
    annealed.array(1).fill(0);
    setGradient(annealed, [1, 1, 1]);
    drain(annealed.state.update(1));
    for (const k of [0, 1]) expect(annealed.array(1)[k * 32]).toBeCloseTo(-factors[k] / 2, 6);
  });
});

it('wrong kinds are refused', () => {
  expect(() => vispa({ noise: 'pairs' as 'antithetic' })).toThrow(
    /vispa.noise: got "pairs", expected one of gaussian, antithetic, sigma-points/,
  );
  expect(() => vispa({ factorGradient: 'exact' as 'true' })).toThrow(/vispa.factorGradient: got "exact", expected one of published, true/);
});
