/**
 * RBNN: standardised weights are rotated towards their signs before the signs are taken.
 *
 *     y = (w - mean) / sigma per filter,   X = y as an a x b matrix,   v = y + |sin theta| (R1^T X R2 - y),   b = sign(v)
 *     dv = dL/db max(0, k (sqrt(2) t - t^2 |v|)),   dy = (1 - |sin theta|) dv,   dtheta = cos theta sum of dv (R1^T X R2 - y),   dw through mean and sigma
 *     t = tMin (tMax / tMin)^progress,   k = max(1 / t, 1)
 *
 * R1 and R2, orthogonal and random at first, follow the weights at the start of every epoch by three rounds of B = sign(R1^T X R2), R1 and R2 the solutions of their Procrustes problems; in
 * the backward pass the rotated weights are constants. theta, one number per filter, starts uniform in [0, pi / 2) and descends its gradient at the latent weights' rate. a b is the number of
 * weights of a filter, a the largest divisor up to its root.
 *
 * Lin et al., "Rotated Binary Neural Network", NeurIPS 2020, and the authors' code. Published for CIFAR-10: SGD at 0.1 with cosine, weight decay 1e-4, 1,000 epochs, layers with
 * `alpha: true`. Its surrogate of activations is the layers' (`surrogate`).
 *
 * @module
 */
import { argumentError, BitgaussError, requireNumber } from '../../core/errors.js';
import { purposeId } from '../../core/random.js';
import { methodKernels } from '../../wasm/methods.js';
import type { Draw, NamedBuffer, TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { factors, nextRotation, randomRotation } from './rotation.js';
import { Standardized } from './standardized.js';

export interface RbnnOptions {
  /** t at the start of the run, above 0. Default 0.01. */
  tMin?: number;
  /** t at its end, at least tMin. Default 10. */
  tMax?: number;
}

/** Of the alternation, at the start of an epoch. */
const ROUNDS = 3;
/** Largest side of a filter's matrix. */
const MOST = 1024;

/** The method; `rbnn()` is the surrogate of activations of the same paper. */
export function rbnnWeights(options: RbnnOptions = {}): TrainingMethod {
  const { tMin = 0.01, tMax = 10 } = options;
  if (!(tMin > 0)) throw argumentError('rbnn.tMin', tMin, 'a positive number');
  requireNumber('rbnn.tMax', tMax, tMin, 1000);
  return {
    name: 'rbnn',
    options: { tMin, tMax },
    stochastic: false,
    kernels: methodKernels,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { runtime, data, seed, signs } = latents;
        const { arena, math } = runtime;
        const { elements, gradient, name } = parameter;
        const { cout } = parameter.shape;
        const weights = new Standardized(latents, 0);
        const { rows, tiles } = weights.statistics;
        const { a, b } = factors(rows);
        if (b > MOST)
          throw new BitgaussError(
            'unsupported',
            `rbnn: ${name} has filters of ${rows} weights, ${a} x ${b}, expected sides up to ${MOST}; change the number of channels`,
          );
        const array = (): number => arena.allocate(elements * 4, 'optimizer');
        const [y, half, rotated, v] = [array(), array(), array(), array()];
        const [left, right] = [a, b].map((n) => arena.allocate(n * n * 4, 'optimizer'));
        const theta = weights.statistics.perFilter();
        const share = weights.statistics.perFilter();
        const dShare = arena.allocate(tiles * 256, 'optimizer');
        randomRotation(runtime, left, a, seed, `${name}/left`);
        randomRotation(runtime, right, b, seed, `${name}/right`);
        // In turns, so that sine and cosine are those of the kernels: pi / 2 is a quarter of one.
        runtime.uniform(theta, tiles * 32, 0, 0.25, { seed, purpose: purposeId(`rotation/${name}/theta`), step: 0 });
        const sine = (turns: number): number => math.cosTurn(turns - 0.25);
        let rotations = 0;

        const rotate = (): void => {
          weights.statistics.write(share, (c) => Math.abs(sine(arena.f32(theta, cout)[c])));
          const { mean } = weights.statistics;
          runtime.run('rotate_filters', tiles, data, mean, weights.inverse, left, right, y, half, rotated, a, b);
        };
        /** Three rounds, where an epoch begins that they have not been made for. */
        const follow = (draw: Draw): void => {
          if (draw.kind !== 'train' || draw.step !== rotations * context.stepsPerEpoch) return;
          for (let round = 0; round < ROUNDS; round++) {
            rotate();
            const view = (pointer: number, length: number): Float32Array => arena.f32(pointer, length);
            const [x, turned] = [view(y, elements), view(rotated, elements)];
            view(left, a * a).set(nextRotation(x, turned, cout, a, b, view(right, b * b), 'left'));
            view(right, b * b).set(nextRotation(x, turned, cout, a, b, view(left, a * a), 'right'));
          }
          rotations++;
          signs.invalidate(); // signs that the rotation changes are no flips of an update
        };
        const own = (): NamedBuffer[] => [
          { name: `${name}.left`, pointer: left, elements: a * a },
          { name: `${name}.right`, pointer: right, elements: b * b },
          { name: `${name}.theta`, pointer: theta, elements: cout },
        ];
        return {
          measure: () => weights.measure(),
          pack(draw) {
            follow(draw);
            rotate();
            runtime.run('rotate_mix', tiles, y, rotated, share, v, rows);
            signs.pack(v);
          },
          gradient(progress, rate) {
            const t = tMin * math.exp(progress * math.log(tMax / tMin));
            const k = Math.max(1 / t, 1);
            runtime.run('rotate_dw', tiles, gradient, y, rotated, v, share, dShare, rows, k * Math.SQRT2 * t, k * t * t);
            weights.gradient('clamp', Number.POSITIVE_INFINITY, 1);
            const slopes = arena.f64(dShare, cout);
            const turns = arena.f32(theta, cout);
            // d |sin theta| = sign(sin theta) cos theta; theta in radians is 2 pi turns.
            for (let c = 0; c < cout; c++)
              turns[c] -= (rate * slopes[c] * (sine(turns[c]) < 0 ? -1 : 1) * math.cosTurn(turns[c])) / (2 * Math.PI);
          },
          weights: own,
          counters: () => [
            {
              name: `${name}.rotations`,
              get: () => rotations,
              set(count) {
                rotations = count;
              },
            },
          ],
        };
      }),
  };
}
