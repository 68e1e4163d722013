/**
 * Draws of a Gaussian whose covariance is a matrix of low rank plus a diagonal. VISPA (Orecchia et al., NeurIPS 2024) draws binary weights so:
 * mean M, factor Z, no diagonal, and then signs.
 *
 *     w = mean + sum over k of r_k factor_k + diagonal * g          r ~ N(0, I_rank), g ~ N(0, I_n): w ~ N(mean, factor^T factor + diag(diagonal)^2)
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { purposeId, seedKey } from '../core/random.js';
import { requireArray, requireResult } from './check.js';
import type { SharedInstance } from './instance.js';

export interface SampleGaussianOptions {
  /** [n]. */
  mean: Float32Array;
  /** [rank][n], rank 0..65535. Default: rank 0. */
  factor?: Float32Array;
  /** [n], standard deviations of the part that is independent for each element. Default: none. */
  diagonal?: Float32Array;
  /** Whole number from 0 to 2^53 - 1. Default 0. */
  seed?: number;
  /** Name of the random stream; streams of different names are independent. Default 'gaussian'. */
  stream?: string;
  /** Step of the first sample in its stream, from 0 to 2^32 - 1; sample s is the draw of step + s. Default 0. */
  step?: number;
  /** Number of draws. Default 1. */
  samples?: number;
}

const MAX_RANK = 65535;
const EMPTY: Float32Array = new Float32Array(0);

export function sampleGaussian(shared: SharedInstance, options: SampleGaussianOptions): Float32Array {
  if (typeof options !== 'object' || options === null)
    throw argumentError('options', options, 'an object such as { mean, factor, samples: 10 }');
  const { mean, factor = EMPTY, diagonal, seed = 0, stream = 'gaussian', step = 0, samples = 1 } = options;
  requireArray('mean', mean, 'Float32Array', 'Float32Array.from(mean)');
  requireArray('factor', factor, 'Float32Array', 'Float32Array.from(factor)');
  const n = mean.length;
  if (n === 0) throw argumentError('mean', mean, 'at least one element');
  if (factor.length % n !== 0 || factor.length > n * MAX_RANK)
    throw argumentError('factor.length', factor.length, `rank x ${n}, as many as mean has for each of up to ${MAX_RANK} directions`);
  if (diagonal !== undefined) {
    requireArray('diagonal', diagonal, 'Float32Array', 'Float32Array.from(diagonal)');
    if (diagonal.length !== n) throw argumentError('diagonal.length', diagonal.length, `${n}, as many as mean has`);
  }
  if (typeof stream !== 'string') throw argumentError('stream', stream, 'a string');
  requireInteger('step', step, 0, 2 ** 32 - 1);
  requireInteger('samples', samples, 1, 2 ** 32 - step);
  requireResult('sampleGaussian', samples, n);
  const [key0, key1] = seedKey(seed);
  const own = purposeId(`${stream}/diagonal`);
  return shared.run('sampleGaussian', mean, factor, diagonal ?? EMPTY, key0, key1, purposeId(stream), own, step, samples);
}
