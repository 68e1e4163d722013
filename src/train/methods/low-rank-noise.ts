/**
 * The noise of draws from N(M, Z Z^T / S): r_k of w = M + sum over k of r_k Z_k, with r = f eps / sqrt(S) and f what annealing leaves of it in training.
 *
 *     gaussian       eps ~ N(0, I_K), anew for every draw
 *     antithetic     draw 2t + 1 has -eps of draw 2t: the noise of each pair adds up to 0
 *     sigma-points   eps = ±sqrt(K) e_k: all 2K of them in every 2K draws, in an order of their own; their mean is 0 and their covariance I_K, exactly
 *
 * Samples for evaluation are Gaussian whatever training draws are.
 *
 * @module
 */
import { purposeId, RandomStream } from '../../core/random.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { Draw, MethodContext } from '../method.js';

export const NOISES = ['gaussian', 'antithetic', 'sigma-points'] as const;

export interface NoiseOptions {
  /** K >= 1. */
  rank: number;
  /** S. */
  scale: number;
  /** Of training draws. */
  kind: (typeof NOISES)[number];
  /** Share of the run, at its end, over which the noise of training draws falls to 0 in a straight line; 0: it stays. */
  anneal: number;
  /** dZ_k = f eps_k g ('published') or the gradient of the formula, r_k g ('true'). */
  gradient: 'published' | 'true';
}

/** Writes the r_k of a draw, f32 [K], to `pointer`. Returns what the gradient of the weights is multiplied by for that of each Z_k. */
export type Noise = (
  draw: Exclude<Draw, { kind: 'mode' }>,
  pointer: number,
  parameter: BinaryParameter,
  context: MethodContext,
) => Float32Array;

export function lowRankNoise({ rank, scale, kind, anneal, gradient }: NoiseOptions): Noise {
  const root = Math.sqrt(scale);
  return (draw, pointer, { name }, { runtime, seed }) => {
    const train = draw.kind === 'train';
    const stream = `noise/${train ? 'train' : 'evaluate'}/${name}`;
    const index = train ? draw.step : draw.index;
    const paired = train && kind === 'antithetic' && index % 2 === 1;
    const point = draw.kind === 'point' ? index : train && kind === 'sigma-points' ? pointOf(seed, stream, index, 2 * rank) : undefined;
    const step = paired ? index - 1 : index;
    if (point === undefined) runtime.normal(pointer, rank, 1, { seed, purpose: purposeId(stream), step });
    const r = runtime.arena.f32(pointer, rank);
    if (point !== undefined) r.fill(0)[point >> 1] = Math.sqrt(rank) * (point % 2 === 0 ? 1 : -1);
    const rest = (train ? remaining(draw.progress, anneal) : 1) * (paired ? -1 : 1);
    for (let k = 0; k < rank; k++) r[k] *= rest;
    const eps = r.slice();
    for (let k = 0; k < rank; k++) r[k] /= root;
    return gradient === 'true' ? r.slice() : eps;
  };
}

/** The sigma point of a training step: point 2k is +sqrt(K) e_k, point 2k + 1 its opposite. Every `points` steps are a shuffle of all. */
function pointOf(seed: number, stream: string, step: number, points: number): number {
  const order = Uint32Array.from({ length: points }, (_, i) => i);
  new RandomStream(seed, stream, Math.floor(step / points)).shuffle(order);
  return order[step % points];
}

/** 1 until the last share `anneal` of the run, then falling to 0 in a straight line. */
function remaining(progress: number, anneal: number): number {
  return anneal > 0 ? Math.min(1, (1 - progress) / anneal) : 1;
}
