/**
 * A small network in float64, forward and backward: the definition that the fused blocks must meet. Values [images][H][W][C].
 *
 *   sign: dx = dy surrogate(x);  hardtanh: dx = dy where |x| <= 1;  binary weights: identity
 *   norm: statistics of the batch, var / N;  pool: the first maximum of a window gets the gradient;  loss: mean cross-entropy
 *
 * @module
 */

import { type Conv2dCase, conv2d, conv2dDw, conv2dDx, outputSize } from './conv2d.js';
import { approxSign, type SurrogateFunction } from './surrogates.js';

export type OracleLayer =
  | { op: 'conv'; name: string; cout: number; kernel: number; stride: number; padding: number; bias: boolean }
  | { op: 'scale'; name: string }
  | { op: 'pool'; size: number }
  | { op: 'norm'; name: string; epsilon: number }
  | { op: 'prelu'; name: string }
  | { op: 'relu' }
  | { op: 'maxout'; name: string }
  /** x - `.offset`. */
  | { op: 'offset'; name: string }
  /** x + `.shift`. */
  | { op: 'shift'; name: string }
  | { op: 'hardtanh' }
  /** step q, q the odd level of n = 2^bits that x falls in. */
  | { op: 'levels'; name: string; bits: number }
  /** surrogate: default ApproxSign. */
  | { op: 'sign'; surrogate?: SurrogateFunction }
  | { op: 'flatten' };

/** By name: `<layer>.weight` [cout][taps][cin] (of ±1 where binary), `.bias`, `.alpha`, `.gamma`, `.beta`, `.slope`, …. */
export type Values = Map<string, Float64Array>;

interface Map3 {
  height: number;
  width: number;
  channels: number;
}

interface Layer {
  forward(x: Float64Array): Float64Array;
  backward(dy: Float64Array): Float64Array;
}

function elementwise(f: (x: number) => number, df: (x: number) => number): Layer {
  let saved: Float64Array;
  return {
    forward(x) {
      saved = x;
      return x.map(f);
    },
    backward: (dy) => dy.map((g, k) => g * df(saved[k])),
  };
}

function convolution(s: Conv2dCase, weight: Float64Array, bias: Float64Array | undefined, gradients: Values): Layer {
  let saved: Float64Array;
  return {
    forward(x) {
      saved = x;
      const y = conv2d(x, weight, s);
      return bias === undefined ? y : y.map((value, k) => value + bias[k % s.cout]);
    },
    backward(dy) {
      gradients.set(`${s.name}.weight`, conv2dDw(dy, saved, s));
      if (bias !== undefined) gradients.set(`${s.name}.bias`, sums(dy, s.cout));
      return conv2dDx(dy, weight, s);
    },
  };
}

/** Sum per channel of the terms. */
function sums(terms: Float64Array, C: number): Float64Array {
  const total = new Float64Array(C);
  terms.forEach((value, k) => {
    total[k % C] += value;
  });
  return total;
}

function scale(name: string, alpha: Float64Array, gradients: Values): Layer {
  const C = alpha.length;
  let saved: Float64Array;
  return {
    forward(x) {
      saved = x;
      return x.map((value, k) => alpha[k % C] * value);
    },
    backward(dy) {
      gradients.set(
        `${name}.alpha`,
        sums(
          dy.map((g, k) => g * saved[k]),
          C,
        ),
      );
      return dy.map((g, k) => g * alpha[k % C]);
    },
  };
}

function prelu(name: string, slope: Float64Array, gradients: Values): Layer {
  const C = slope.length;
  let saved: Float64Array;
  return {
    forward(x) {
      saved = x;
      return x.map((value, k) => (value < 0 ? slope[k % C] * value : value));
    },
    backward(dy) {
      gradients.set(
        `${name}.slope`,
        sums(
          dy.map((g, k) => (saved[k] < 0 ? g * saved[k] : 0)),
          C,
        ),
      );
      return dy.map((g, k) => (saved[k] < 0 ? g * slope[k % C] : g));
    },
  };
}

function maxout(name: string, negative: Float64Array, positive: Float64Array, gradients: Values): Layer {
  const C = negative.length;
  let saved: Float64Array;
  const part = (dy: Float64Array, below: boolean): Float64Array =>
    sums(
      dy.map((g, k) => (saved[k] < 0 === below ? g * saved[k] : 0)),
      C,
    );
  const slopes = (x: number, k: number): number => (x < 0 ? negative : positive)[k % C];
  return {
    forward(x) {
      saved = x;
      return x.map((value, k) => slopes(value, k) * value);
    },
    backward(dy) {
      gradients.set(`${name}.negative`, part(dy, true));
      gradients.set(`${name}.positive`, part(dy, false));
      return dy.map((g, k) => slopes(saved[k], k) * g);
    },
  };
}

/** Odd multiples of the step, with the gradients of LSQ. */
function levels(name: string, step: number, n: number, features: number, gradients: Values): Layer {
  let saved: Float64Array;
  const level = (x: number): number => 2 * Math.min(Math.max(Math.floor(x / (2 * step) + n / 2), 0), n - 1) - (n - 1);
  const inside = (x: number): boolean => Math.abs(x / step) <= n - 1;
  return {
    forward(x) {
      saved = x;
      return x.map((value) => step * level(value));
    },
    backward(dy) {
      const terms = dy.map((g, k) => g * (level(saved[k]) - (inside(saved[k]) ? saved[k] / step : 0)));
      gradients.set(
        `${name}.step`,
        sums(terms, 1).map((sum) => sum / Math.sqrt(features * (n - 1))),
      );
      return dy.map((g, k) => (inside(saved[k]) ? g : 0));
    },
  };
}

/** x + factor * value per channel. */
function shift(name: string, value: Float64Array, factor: number, gradients: Values): Layer {
  const C = value.length;
  return {
    forward: (x) => x.map((v, k) => v + factor * value[k % C]),
    backward(dy) {
      gradients.set(
        name,
        sums(dy, C).map((s) => factor * s),
      );
      return dy;
    },
  };
}

function norm(name: string, gamma: Float64Array, beta: Float64Array, epsilon: number, gradients: Values): Layer {
  const C = gamma.length;
  let hat: Float64Array;
  let sigma: Float64Array;
  return {
    forward(x) {
      const N = x.length / C;
      const mean = sums(x, C).map((s) => s / N);
      sigma = sums(
        x.map((value, k) => (value - mean[k % C]) ** 2),
        C,
      ).map((s) => Math.sqrt(s / N + epsilon));
      hat = x.map((value, k) => (value - mean[k % C]) / sigma[k % C]);
      return hat.map((value, k) => gamma[k % C] * value + beta[k % C]);
    },
    backward(dy) {
      const N = dy.length / C;
      const dBeta = sums(dy, C);
      const dGamma = sums(
        dy.map((g, k) => g * hat[k]),
        C,
      );
      gradients.set(`${name}.gamma`, dGamma);
      gradients.set(`${name}.beta`, dBeta);
      return dy.map((g, k) => (gamma[k % C] / sigma[k % C]) * (g - dBeta[k % C] / N - (hat[k] * dGamma[k % C]) / N));
    },
  };
}

function pool(images: number, { height, width, channels: C }: Map3, size: number): Layer {
  const [OH, OW] = [Math.floor(height / size), Math.floor(width / size)];
  let from = new Int32Array();
  return {
    forward(x) {
      const y = new Float64Array(images * OH * OW * C).fill(Number.NEGATIVE_INFINITY);
      from = new Int32Array(y.length);
      for (let n = 0; n < images; n++) {
        for (let iy = 0; iy < OH * size; iy++) {
          for (let ix = 0; ix < OW * size; ix++) {
            for (let c = 0; c < C; c++) {
              const k = ((n * height + iy) * width + ix) * C + c;
              const o = ((n * OH + Math.floor(iy / size)) * OW + Math.floor(ix / size)) * C + c;
              if (x[k] > y[o]) {
                y[o] = x[k];
                from[o] = k;
              }
            }
          }
        }
      }
      return y;
    },
    backward(dy) {
      const dx = new Float64Array(images * height * width * C);
      dy.forEach((g, o) => {
        dx[from[o]] = g;
      });
      return dx;
    },
  };
}

export interface OracleResult {
  loss: number;
  logits: Float64Array;
  gradients: Values;
}

/** Loss and all gradients of one batch. */
export function network(layers: OracleLayer[], input: Map3, values: Values, x: Float64Array, labels: ArrayLike<number>): OracleResult {
  const images = labels.length;
  const gradients: Values = new Map();
  const get = (name: string): Float64Array => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value ${name}`);
    return value;
  };
  let shape = input;
  const build = (layer: OracleLayer): Layer => {
    const from = shape;
    switch (layer.op) {
      case 'conv': {
        const s: Conv2dCase = { ...layer, images, height: from.height, width: from.width, cin: from.channels };
        shape = { height: outputSize(from.height, s), width: outputSize(from.width, s), channels: layer.cout };
        return convolution(s, get(`${layer.name}.weight`), layer.bias ? get(`${layer.name}.bias`) : undefined, gradients);
      }
      case 'scale':
        return scale(layer.name, get(`${layer.name}.alpha`), gradients);
      case 'pool':
        shape = { ...from, height: Math.floor(from.height / layer.size), width: Math.floor(from.width / layer.size) };
        return pool(images, from, layer.size);
      case 'norm':
        return norm(layer.name, get(`${layer.name}.gamma`), get(`${layer.name}.beta`), layer.epsilon, gradients);
      case 'prelu':
        return prelu(layer.name, get(`${layer.name}.slope`), gradients);
      case 'relu':
        return elementwise(
          (v) => Math.max(0, v),
          (v) => (v < 0 ? 0 : 1),
        );
      case 'maxout':
        return maxout(layer.name, get(`${layer.name}.negative`), get(`${layer.name}.positive`), gradients);
      case 'offset':
        return shift(`${layer.name}.offset`, get(`${layer.name}.offset`), -1, gradients);
      case 'shift':
        return shift(`${layer.name}.shift`, get(`${layer.name}.shift`), 1, gradients);
      case 'levels':
        return levels(layer.name, get(`${layer.name}.step`)[0], 2 ** layer.bits, from.height * from.width * from.channels, gradients);
      case 'hardtanh':
        return elementwise(
          (v) => Math.max(-1, Math.min(1, v)),
          (v) => (Math.abs(v) <= 1 ? 1 : 0),
        );
      case 'sign':
        return elementwise((v) => (v < 0 ? -1 : 1), layer.surrogate ?? approxSign);
      case 'flatten':
        shape = { height: 1, width: 1, channels: from.height * from.width * from.channels };
        return elementwise(
          (v) => v,
          () => 1,
        );
    }
  };
  const steps = layers.map(build);
  const logits = steps.reduce((value, step) => step.forward(value), x);
  const { loss, gradient } = crossEntropy(logits, labels, shape.channels);
  steps.reduceRight((value, step) => step.backward(value), gradient);
  return { loss, logits, gradients };
}

/** Mean over the images of -sum t ln softmax(logits), t = (1 - smoothing) onehot(label) + smoothing / classes, and its gradient. */
export function crossEntropy(
  logits: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  smoothing = 0,
): { loss: number; losses: Float64Array; gradient: Float64Array } {
  const losses = new Float64Array(labels.length);
  const gradient = new Float64Array(logits.length);
  for (let n = 0; n < labels.length; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const largest = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    row.forEach((value, c) => {
      const target = smoothing / classes + (c === labels[n] ? 1 - smoothing : 0);
      losses[n] += target * (largest + Math.log(total) - value);
      gradient[n * classes + c] = (Math.exp(value - largest) / total - target) / labels.length;
    });
  }
  return { loss: losses.reduce((sum, value) => sum + value, 0) / labels.length, losses, gradient };
}
