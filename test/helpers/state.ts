/**
 * A binary parameter without a network, and the state of a method behind it.
 *
 * @module
 */

import type { Runtime } from '../../src/core/runtime.js';
import { Builder } from '../../src/nn/build-context.js';
import type { BinaryParameter } from '../../src/nn/parameter.js';
import type { BinaryState, TrainingMethod } from '../../src/train/method.js';
import type { Optimizer } from '../../src/train/optimizers/optimizer.js';
import { sgd } from '../../src/train/optimizers/sgd.js';
import { toLatent } from './layout.js';
import { createRuntime } from './runtime.js';

export interface StateOnTest {
  runtime: Runtime;
  parameter: BinaryParameter;
  state: BinaryState;
  /** Address of array i of `state.state()`: 0 is M, 1 is Z. */
  array(i: number): Float32Array;
}

export interface StateOptions {
  cout: number;
  cin: number;
  kernel?: number;
  seed?: number;
  optimizer?: Optimizer;
  trainingSamples?: number;
  stepsPerEpoch?: number;
}

export async function buildState(method: TrainingMethod, options: StateOptions): Promise<StateOnTest> {
  const { cout, cin, kernel = 1, seed = 1, optimizer = sgd({ momentum: 0 }), trainingSamples = 1, stepsPerEpoch = 1 } = options;
  const runtime = await createRuntime();
  const builder = new Builder({ runtime, batchSize: 1, gradients: 'f32', realWeights: method.realWeights, seed });
  const parameter = builder.binary('1.binaryConv2d.weight', { cout, kernelHeight: kernel, kernelWidth: kernel, cin });
  const state = method.init(parameter, { runtime, seed, optimizer, trainingSamples, stepsPerEpoch });
  return {
    runtime,
    parameter,
    state,
    array(i) {
      const { pointer, elements } = state.state()[i];
      return runtime.arena.f32(pointer, elements);
    },
  };
}

/** Runs work to its end. */
export function drain(work: Generator<void, void, void>): void {
  for (const _ of work);
}

/** Overwrites M and Z of a 1x1 layer with one input: values per output. */
export function setGaussian({ state, array }: StateOnTest, m: number[], z: number[][]): void {
  array(0).set(toLatent(m, m.length, 1, 1));
  z.forEach((row, k) => {
    const latent = toLatent(row, m.length, 1, 1);
    array(1).set(latent, k * latent.length);
  });
  state.invalidate();
}

/** The packed signs of the last draw. */
export function packed({ runtime, parameter }: StateOnTest): number[] {
  const words = runtime.arena.u32(parameter.words, parameter.wordBytes / 4);
  return [...words, ...runtime.arena.u32(parameter.wordsT, parameter.wordTBytes / 4)];
}

/** Signs of the last draw of a layer with one input and at most 32 outputs. */
export function signs({ runtime, parameter }: StateOnTest): number[] {
  const bits = runtime.arena.u32(parameter.wordsT, 1)[0];
  return Array.from({ length: parameter.shape.cout }, (_, c) => ((bits >>> c) & 1 ? -1 : 1));
}
