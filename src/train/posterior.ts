/**
 * What VISPA has learned about the weights of a layer: w ~ N(M, Z Z^T / S), its variances, correlations and leading directions, and how often signs differ
 * from the mode. Read from a checkpoint.
 *
 * @module
 */
import { argumentError, BitgaussError, requireInteger, requireOneOf } from '../core/errors.js';
import { Runtime } from '../core/runtime.js';
import { type Exp, normalCdf, signMean, signProduct } from './bivariate-normal.js';
import { type CheckpointFile, readCheckpoint } from './checkpoint.js';

/** Two weights. */
export interface WeightPair {
  covariance: number;
  /** 0 where one of them has no noise. */
  correlation: number;
  /** E sign(w_i) sign(w_j). */
  signProduct: number;
  /** Of the signs; 0 where one of them never changes. */
  signCorrelation: number;
}

/** An axis of the distribution. */
export interface Direction {
  /** Of w along it, and its share of the variance of all weights. */
  variance: number;
  share: number;
  /** Unit vector, f64 [weights]; its largest number is positive. */
  vector: Float64Array;
}

export interface PosteriorInput {
  layer: string;
  /** M, f32 [cout * rows]: the weights of filter c are c * rows … + rows - 1, in the order kernel row, column, input channel. */
  mean: Float32Array;
  /** Z_k, each like M. */
  factor: readonly Float32Array[];
  /** S. */
  scale: number;
  cout: number;
  /** Share of signs that differed from the mode in training draws of the epoch that it was read from. */
  observedFlips?: number;
  /** e^x. */
  exp: Exp;
}

export class Posterior {
  readonly layer: string;
  /** Filters, and weights of each. */
  readonly cout: number;
  readonly rows: number;
  /** cout times rows. */
  readonly weights: number;
  /** K. */
  readonly rank: number;
  readonly observedFlips: number | undefined;
  /** f32 [weights]. */
  readonly mean: Float32Array;
  readonly #factor: readonly Float32Array[];
  readonly #scale: number;
  readonly #exp: Exp;

  constructor({ layer, mean, factor, scale, cout, observedFlips, exp }: PosteriorInput) {
    this.layer = layer;
    this.mean = mean;
    this.cout = cout;
    this.weights = mean.length;
    this.rows = mean.length / cout;
    this.rank = factor.length;
    this.observedFlips = observedFlips;
    this.#factor = factor;
    this.#scale = scale;
    this.#exp = exp;
  }

  /** Var w_i = sum over k of Z_ki^2 / S, f64 [weights]. */
  variances(): Float64Array {
    return Float64Array.from(this.mean, (_, i) => this.#covariance(i, i));
  }

  /** Two weights, by their index 0 … weights - 1. */
  pair(i: number, j: number): WeightPair {
    requireInteger('i', i, 0, this.weights - 1);
    requireInteger('j', j, 0, this.weights - 1);
    const covariance = this.#covariance(i, j);
    const [deviation, other] = [i, j].map((index) => Math.sqrt(this.#covariance(index, index)));
    const noisy = deviation > 0 && other > 0;
    const correlation = noisy ? (i === j ? 1 : clamp(covariance / deviation / other)) : 0;
    const [h, k] = [this.#standardized(i, deviation), this.#standardized(j, other)];
    const product = i === j ? 1 : signProduct(h, k, correlation, this.#exp);
    const [mean, otherMean] = [signMean(h, this.#exp), signMean(k, this.#exp)];
    const spread = Math.sqrt((1 - mean * mean) * (1 - otherMean * otherMean));
    return {
      covariance,
      correlation,
      signProduct: product,
      signCorrelation: spread > 0 ? clamp((product - mean * otherMean) / spread) : 0,
    };
  }

  /** E sign(w_i). */
  signMean(i: number): number {
    requireInteger('i', i, 0, this.weights - 1);
    return signMean(this.#standardized(i, Math.sqrt(this.#covariance(i, i))), this.#exp);
  }

  /** The expected share of signs of a draw that differ from the mode's: the mean of P(sign(w_i) != sign(M_i)). */
  expectedFlips(): number {
    let sum = 0;
    for (let i = 0; i < this.weights; i++) {
      const deviation = Math.sqrt(this.#covariance(i, i));
      if (deviation > 0) sum += normalCdf(-Math.abs(this.mean[i] / deviation), this.#exp);
    }
    return sum / this.weights;
  }

  /** Root mean square of the deviations, as a multiple of that of M. */
  noise(): number {
    let [variance, square] = [0, 0];
    for (let i = 0; i < this.weights; i++) {
      variance += this.#covariance(i, i);
      square += this.mean[i] * this.mean[i];
    }
    return square > 0 ? Math.sqrt(variance / square) : 0;
  }

  /** Eigenvectors of Z Z^T / S with a variance above 0, the largest first: at most K. */
  directions(): Direction[] {
    const factor = this.#factor;
    const gram = factor.map((a) => factor.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / this.#scale));
    const total = gram.reduce((sum, row, k) => sum + row[k], 0);
    return eigen(gram)
      .filter(({ value }) => value > 1e-12 * total)
      .map(({ value, vector }) => {
        const axis = Float64Array.from(this.mean, (_, i) => factor.reduce((sum, z, k) => sum + vector[k] * z[i], 0));
        const largest = axis.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
        const length = Math.sqrt(value * this.#scale) * (largest < 0 ? -1 : 1);
        return { variance: value, share: value / total, vector: axis.map((x) => x / length) };
      });
  }

  #covariance(i: number, j: number): number {
    let sum = 0;
    for (const z of this.#factor) sum += z[i] * z[j];
    return sum / this.#scale;
  }

  /** M_i in deviations; without noise ±Infinity, and 0 is +1. */
  #standardized(i: number, deviation: number): number {
    if (deviation > 0) return this.mean[i] / deviation;
    return this.mean[i] < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
}

/**
 * The posteriors of all binary layers in the bytes of `checkpoint.safetensors`, as a run with `checkpoint` and `method: vispa()` writes it. `epoch`: the one
 * that is 'kept' so far, which is what gets exported (default), or the 'last'. M is the average of the latents where the run keeps one.
 */
export async function readPosteriors(bytes: Uint8Array, { epoch = 'kept' }: { epoch?: 'kept' | 'last' } = {}): Promise<Posterior[]> {
  requireOneOf('epoch', epoch, ['kept', 'last']);
  const file = readCheckpoint(bytes, 'checkpoint');
  const { history, done, kept, settings } = file.run;
  const [name, options] = settings.method as [string, { rank: number; noiseScale: number }];
  if (name !== 'vispa' || options.rank === 0)
    throw argumentError('checkpoint: method', `${name}${name === 'vispa' ? ' of rank 0' : ''}`, 'vispa, whose weights are a distribution');
  const { math } = await Runtime.create();
  const last = epoch === 'last' || kept === undefined;
  const { layers } = history[last ? done - 1 : kept.epoch];
  const steps = (settings.model as [unknown, [string, { channels: number }][]])[1];
  return steps.flatMap(([layer, { channels: cout }]) => {
    const prefix = `${last ? 'state' : 'kept'}.${layer}.weight`;
    if (!file.tensors.has(`${prefix}.mean`)) return [];
    const mean = weightsOf(file, file.tensors.has(`${prefix}.mean.average`) ? `${prefix}.mean.average` : `${prefix}.mean`, 1, cout)[0];
    const factor = weightsOf(file, `${prefix}.factor`, options.rank, cout);
    const observedFlips = layers.find((report) => report.name === layer)?.sampleFlips;
    return [new Posterior({ layer, mean, factor, scale: options.noiseScale, cout, observedFlips, exp: math.exp })];
  });
}

/** Arrays [cout * rows] of a tensor of arrays [ceil(cout / 32)][rows][32]. */
function weightsOf({ tensors }: CheckpointFile, name: string, count: number, cout: number): Float32Array[] {
  const data = tensors.get(name)?.data;
  const rows = data instanceof Float32Array ? data.length / count / 32 / Math.ceil(cout / 32) : 0;
  if (!(data instanceof Float32Array) || !Number.isInteger(rows)) throw new BitgaussError('data', `checkpoint: tensor ${name} is damaged`);
  const size = data.length / count;
  return Array.from({ length: count }, (_, k) =>
    Float32Array.from({ length: cout * rows }, (_, at) => {
      const c = Math.floor(at / rows);
      return data[k * size + ((c >> 5) * rows + (at % rows)) * 32 + (c & 31)];
    }),
  );
}

function clamp(correlation: number): number {
  return Math.max(-1, Math.min(1, correlation));
}

/** Eigenvalues, falling, and eigenvectors of a symmetric matrix, by Jacobi's rotations. */
function eigen(matrix: readonly (readonly number[])[]): { value: number; vector: number[] }[] {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  const rotate = (m: number[][], p: number, q: number, c: number, s: number): void => {
    for (const row of m) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  };
  const transpose = (m: number[][]): number[][] => m.map((_, i) => m.map((row) => row[i]));
  let symmetric = a;
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < n; p++) {
      diagonal += symmetric[p][p] * symmetric[p][p];
      for (let q = p + 1; q < n; q++) off += symmetric[p][q] * symmetric[p][q];
    }
    if (off <= 1e-30 * diagonal) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [x, y, z] = [symmetric[p][p], symmetric[p][q], symmetric[q][q]];
        if (y === 0) continue;
        const theta = (z - x) / (2 * y);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(symmetric, p, q, c, t * c);
        symmetric = transpose(symmetric);
        rotate(symmetric, p, q, c, t * c);
        rotate(v, p, q, c, t * c);
      }
    }
  }
  return symmetric.map((row, k) => ({ value: row[k], vector: v.map((line) => line[k]) })).sort((x, y) => y.value - x.value);
}
