/**
 * Which samples: their order in an epoch, and those set aside for validation.
 *
 * The order is a function of (seed, epoch) and of nothing that ran before, so a resumed training sees what an unbroken one saw.
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { RandomStream } from '../core/random.js';
import { type Dataset, subset } from './dataset.js';

/** The samples of an epoch in their order: Fisher-Yates with the stream (seed, 'shuffle', epoch). */
export function shuffledIndices(length: number, seed: number, epoch: number): Uint32Array {
  requireInteger('epoch', epoch, 0, 0xffffffff);
  const order = sequence(length);
  new RandomStream(seed, 'shuffle', epoch).shuffle(order);
  return order;
}

/** Sets `count` samples aside: the last ones of a shuffle with the stream (seed, 'validation-split'). */
export function validationSplit(dataset: Dataset, count: number, seed: number): { train: Dataset; validation: Dataset } {
  if (dataset.length < 2) throw argumentError('dataset.length', dataset.length, 'at least 2 samples to split');
  requireInteger('count', count, 1, dataset.length - 1);
  const order = sequence(dataset.length);
  new RandomStream(seed, 'validation-split').shuffle(order);
  const border = dataset.length - count;
  return { train: subset(dataset, order.subarray(0, border)), validation: subset(dataset, order.subarray(border)) };
}

/** 0, 1, …, length - 1. */
function sequence(length: number): Uint32Array {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  return order;
}
