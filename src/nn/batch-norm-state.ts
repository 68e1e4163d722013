/**
 * Batch norm of a block: parameters, statistics of the batch, running statistics, and its part of the backward pass, in float64.
 *
 * With z = alpha x (alpha: all scales of the product in front, 1 if it has none), mean and var of z over N values, sigma = sqrt(var + epsilon):
 *
 *     u = gamma (z - mean) / sigma + beta = a x + b         a = gamma alpha / sigma,  b = beta - gamma mean / sigma
 *     dgamma = sum du zhat,  dbeta = sum du                 zhat = (z - mean) / sigma
 *     dz = gamma / sigma (du - dbeta / N - zhat dgamma / N),  dx = alpha dz = k1 du + k2 x + k3 with k1 = a
 *
 * @module
 */
import type { BuildContext, NormLayer } from './layer.js';
import type { RealParameter } from './parameter.js';

export class BatchNormState {
  readonly gamma: RealParameter;
  readonly beta: RealParameter;
  /** f64 [C][4]: sum, sum of squares, minimum, maximum of x, written by the statistics kernels. */
  readonly statistics: number;
  readonly #context: BuildContext;
  readonly #layer: NormLayer;
  readonly #name: string;
  readonly #channels: number;
  readonly #runningMean: number;
  readonly #runningVar: number;
  /** Of the last training batch. */
  readonly #mean: Float64Array;
  readonly #var: Float64Array;

  constructor(context: BuildContext, name: string, layer: NormLayer, channels: number) {
    const { arena } = context.runtime;
    this.#context = context;
    this.#layer = layer;
    this.#name = name;
    this.#channels = channels;
    this.gamma = context.real(`${name}.gamma`, [channels], { constant: 1 });
    this.beta = context.real(`${name}.beta`, [channels], { constant: 0 });
    this.statistics = arena.allocate(channels * 32, 'parameters');
    this.#runningMean = arena.allocate(channels * 4, 'parameters');
    this.#runningVar = arena.allocate(channels * 4, 'parameters');
    arena.f32(this.#runningVar, channels).fill(1);
    this.#mean = new Float64Array(channels);
    this.#var = new Float64Array(channels);
  }

  buffers(): { name: string; pointer: number; size: number }[] {
    return [
      { name: `${this.#name}.runningMean`, pointer: this.#runningMean, size: this.#channels },
      { name: `${this.#name}.runningVar`, pointer: this.#runningVar, size: this.#channels },
    ];
  }

  /** Statistics from parts, f64 [count][C][4], in their order. */
  combine(parts: number, count: number): void {
    const { arena } = this.#context.runtime;
    const size = this.#channels * 4;
    const from = arena.f64(parts, count * size);
    const to = arena.f64(this.statistics, size);
    to.set(from.subarray(0, size));
    for (let i = size; i < from.length; i++) {
      const at = i % size;
      if ((at & 3) < 2) to[at] += from[i];
      else to[at] = (at & 3) === 2 ? Math.min(to[at], from[i]) : Math.max(to[at], from[i]);
    }
  }

  /** Mean and variance of the batch from the kernel's sums over N values, and the running statistics, in which the batch counts `momentum`. */
  measure(N: number, alpha: Float32Array, momentum: number = this.#layer.momentum): void {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    const sums = arena.f64(this.statistics, C * 4);
    const runningMean = arena.f32(this.#runningMean, C);
    const runningVar = arena.f32(this.#runningVar, C);
    for (let c = 0; c < C; c++) {
      const [s1, s2] = [sums[4 * c], sums[4 * c + 1]];
      this.#mean[c] = (alpha[c] * s1) / N;
      // Sums of integers are exact in f64; the difference loses at most a few units of 2^-53 of s2.
      this.#var[c] = Math.max(0, (alpha[c] * alpha[c] * (s2 - (s1 / N) * s1)) / N);
      const unbiased = N > 1 ? (this.#var[c] * N) / (N - 1) : this.#var[c];
      runningMean[c] = (1 - momentum) * runningMean[c] + momentum * this.#mean[c];
      runningVar[c] = (1 - momentum) * runningVar[c] + momentum * unbiased;
    }
  }

  /** a and b of u = a x + b, rounded to f32. */
  affine(training: boolean, alpha: Float32Array): { a: Float32Array; b: Float32Array } {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    const mean = training ? this.#mean : arena.f32(this.#runningMean, C);
    const variance = training ? this.#var : arena.f32(this.#runningVar, C);
    const gamma = arena.f32(this.gamma.data, C);
    const beta = arena.f32(this.beta.data, C);
    const a = new Float32Array(C);
    const b = new Float32Array(C);
    for (let c = 0; c < C; c++) {
      const scale = gamma[c] / Math.sqrt(variance[c] + this.#layer.epsilon);
      a[c] = scale * alpha[c];
      b[c] = beta[c] - scale * mean[c];
    }
    return { a, b };
  }

  /**
   * Writes dgamma, dbeta and dalpha, and hands out k2, k3 and the bound of |k2 x + k3| per channel. sums f64 [C][4]: sum du, sum du x, …
   */
  backward(
    N: number,
    sums: Float64Array,
    alpha: Float32Array,
    dAlpha: Float32Array | undefined,
    constants: (c: number, k2: number, k3: number, bound: number) => void,
  ): void {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    const gamma = arena.f32(this.gamma.data, C);
    const dGamma = arena.f32(this.gamma.gradient, C);
    const dBeta = arena.f32(this.beta.gradient, C);
    const statistics = arena.f64(this.statistics, C * 4);
    for (let c = 0; c < C; c++) {
      const mean = this.#mean[c];
      const sigma = Math.sqrt(this.#var[c] + this.#layer.epsilon);
      const sumDu = sums[4 * c];
      const gradientGamma = (alpha[c] * sums[4 * c + 1] - mean * sumDu) / sigma;
      dGamma[c] = gradientGamma;
      dBeta[c] = sumDu;
      const z1 = gamma[c] / sigma; // dz = z1 du + z2 z + z3
      const z2 = (-z1 * gradientGamma) / (N * sigma);
      const z3 = (-z1 * sumDu) / N - z2 * mean;
      if (dAlpha !== undefined) {
        const [s1, s2] = [statistics[4 * c], statistics[4 * c + 1]];
        dAlpha[c] = z1 * sums[4 * c + 1] + z2 * alpha[c] * s2 + z3 * s1;
      }
      const k2 = alpha[c] * alpha[c] * z2;
      const k3 = alpha[c] * z3;
      constants(c, k2, k3, Math.max(Math.abs(k2 * statistics[4 * c + 2] + k3), Math.abs(k2 * statistics[4 * c + 3] + k3)));
    }
  }
}
