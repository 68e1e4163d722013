/**
 * The float baseline: the same network with f32 weights and activations in all layers, no signs anywhere.
 *
 *     y = W x     W f32, Kaiming uniform, updated by the optimizer of the real parameters
 *
 * Binary convolutions and linear layers become f32 ones of their shape, without bias and scale; everything else stays. What a table of binary networks is measured
 * against.
 *
 * @module
 */
import { argumentError, BitgaussError } from '../../core/errors.js';
import { type Sequential, sequential } from '../../nn/sequential.js';
import type { TrainingMethod } from '../method.js';

export function float(): TrainingMethod {
  return {
    name: 'float',
    options: {},
    stochastic: false,
    model: inF32,
    init(parameter) {
      throw new BitgaussError('argument', `${parameter.name}: float() trains f32 weights, and this one is binary`);
    },
  };
}

function inF32({ name, layers }: Sequential): Sequential {
  const real = layers.map((layer, index) => {
    if (layer.stage !== 'product' || (layer.input === 'f32' && layer.real === undefined)) return layer;
    if (layer.real === undefined) throw argumentError(`float: layer ${index}`, layer.type, 'a layer that exists in f32, too (`real`)');
    return layer.real();
  });
  return sequential(real, { name });
}
