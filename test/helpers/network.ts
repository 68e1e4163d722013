/**
 * A built network with random parameters, and the same parameters for the oracle.
 *
 * @module
 */

import type { Runtime, RuntimeOptions } from '../../src/core/runtime.js';
import type { GradientType } from '../../src/nn/gradient-format.js';
import { Network } from '../../src/nn/network.js';
import { realWeightProduct } from '../../src/nn/real-weight-product.js';
import { sequential } from '../../src/nn/sequential.js';
import type { NetworkCase } from '../cases/networks.js';
import type { Values } from '../oracle/network.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from './layout.js';
import { TestRandom } from './random.js';
import { createRuntime } from './runtime.js';

export interface NetworkOnTest {
  runtime: Runtime;
  network: Network;
  values: Values;
}

export interface BuildOptions extends RuntimeOptions {
  batchSize: number;
  gradients?: GradientType;
  /** Weights of binary layers are real numbers within ±1. */
  realWeights?: boolean;
  /** Bytes of unused memory in front of everything. */
  offset?: number;
}

export async function buildNetwork(
  s: NetworkCase,
  { batchSize, gradients = 'f32', offset = 0, realWeights = false, ...options }: BuildOptions,
): Promise<NetworkOnTest> {
  const runtime = await createRuntime(options);
  if (offset > 0) runtime.arena.allocate(offset, 'data');
  const random = new TestRandom(77);
  const input = { shape: s.shape, type: 'f32' as const };
  const network = new Network(sequential(s.layers), input, s.classes, {
    runtime,
    batchSize,
    gradients,
    realWeights: realWeights ? realWeightProduct : undefined,
    seed: 5,
  });
  const values: Values = new Map();
  for (const { name, data, size } of network.realParameters) {
    const kind = name.slice(name.lastIndexOf('.') + 1);
    const draw = (r: TestRandom): number => {
      if (kind === 'gamma') return r.sign() * r.f32(0.4, 1.5);
      if (kind === 'beta') return r.f32(-0.5, 0.5);
      if (kind === 'slope' || kind === 'negative') return r.f32(-0.3, 0.8);
      if (kind === 'step') return r.f32(0.2, 0.6);
      if (kind === 'positive') return r.f32(0.3, 1.6);
      if (kind === 'shift' || kind === 'offset') return r.f32(-0.4, 0.4);
      if (kind === 'alpha') return r.f32(0.05, 0.2) * (s.negativeAlpha ? r.sign() : 1);
      return r.f32(-1, 1) / Math.sqrt(size / s.classes);
    };
    const value = random.array(size, draw).map(Math.fround);
    runtime.arena.f32(data, size).set(value);
    values.set(name, value);
  }
  for (const { name, shape, words, wordsT, real, elements } of network.binaryParameters) {
    const taps = shape.kernelHeight * shape.kernelWidth;
    const value = random.array(shape.cout * taps * shape.cin, (r) => (realWeights ? r.f32(-1, 1) : r.sign())).map(Math.fround);
    if (realWeights) runtime.arena.f32(real, elements).set(toLatent(value, shape.cout, taps, shape.cin));
    for (const [pointer, packed] of [
      [words, forwardWords(value, shape.cout, taps, shape.cin, random)],
      [wordsT, backwardWords(value, shape.cout, taps, shape.cin, random)],
    ] as const) {
      runtime.arena.u32(pointer, packed.length).set(packed);
    }
    values.set(name, value);
  }
  return { runtime, network, values };
}

export interface Batch {
  x: Float64Array;
  labels: Int32Array;
}

export function randomBatch(s: NetworkCase, count: number): Batch {
  const random = new TestRandom(78);
  const { height, width, channels } = s.shape;
  const x = random.array(count * height * width * channels, (r) => r.f32(-1.5, 1.5));
  return { x, labels: Int32Array.from(random.array(count, (r) => r.integer(0, s.classes - 1))) };
}

export interface StepResult {
  loss: number;
  logits: Float32Array;
  gradients: Values;
}

/** Forward pass, loss, and unless told otherwise backward pass of one batch. `step` names the random numbers of the rounding. */
export function trainingStep({ runtime, network }: NetworkOnTest, { x, labels }: Batch, backward = true, step = 3): StepResult {
  const count = labels.length;
  const pass = { training: true, count, step };
  const views = network.batchViews();
  views.images.set(x);
  views.labels.set(labels);
  for (const _ of network.forward(pass));
  const { loss } = network.loss(count);
  const logits = network.logits(count);
  const gradients: Values = new Map();
  if (backward) {
    for (const _ of network.backward(pass));
    for (const { name, gradient, size } of network.realParameters)
      gradients.set(name, Float64Array.from(runtime.arena.f32(gradient, size)));
    for (const { name, gradient, elements, shape } of network.binaryParameters) {
      const taps = shape.kernelHeight * shape.kernelWidth;
      gradients.set(name, fromLatent(runtime.arena.f32(gradient, elements), shape.cout, taps, shape.cin));
    }
  }
  return { loss, logits, gradients };
}
