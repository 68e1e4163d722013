// How parameters start: distributions by their moments, within five standard errors.
import { expect, test } from 'vitest';
import { Runtime } from '../../src/core/runtime.js';
import { Network } from '../../src/nn/network.js';
import { binaryLinear, conv2d, flatten, linear, sequential } from '../../src/train.js';

const runtime = await Runtime.create();
const model = sequential([conv2d(64, { kernelSize: 3 }), flatten(), binaryLinear(3000), linear(10)]);
const network = new Network(model, { shape: { height: 8, width: 8, channels: 4 }, type: 'u8' }, 10, {
  runtime,
  batchSize: 1,
  gradients: 'f32',
  seed: 3,
});

function valuesOf(name: string): Float32Array {
  const parameter = network.realParameters.find((candidate) => candidate.name === name);
  if (parameter === undefined) throw new Error(`no ${name}`);
  return runtime.arena.f32(parameter.data, parameter.size).slice();
}

/** Uniform in [low, high): range, mean and variance. */
function expectUniform(values: Float32Array, low: number, high: number): void {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const width = high - low;
  expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(low));
  expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(high));
  expect(Math.abs(mean - (low + high) / 2)).toBeLessThan((5 * width) / Math.sqrt(12 * n));
  expect(Math.abs(variance - width ** 2 / 12)).toBeLessThan((5 * width ** 2 * Math.sqrt(1 / 180)) / Math.sqrt(n));
}

test('f32 weights are uniform in ±1 / sqrt(fan-in), as in PyTorch', () => {
  expectUniform(valuesOf('0.conv2d.weight'), -1 / 6, 1 / 6);
  expectUniform(valuesOf('3.linear.weight'), -1 / Math.sqrt(3000), 1 / Math.sqrt(3000));
});

test('alpha is uniform in [0, 1)', () => {
  expectUniform(valuesOf('2.binaryLinear.alpha'), 0, 1);
});
