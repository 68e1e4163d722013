/**
 * Batches: the order of samples in an epoch, and the buffers they are read into.
 *
 * The order is a function of (seed, epoch) and of nothing that ran before, so a resumed training sees what an unbroken one saw.
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { RandomStream } from '../core/random.js';
import { type Dataset, imageSize, type SampleBuffers, subset } from './dataset.js';

export interface BatchOptions {
  batchSize: number;
  /** Default 0. */
  seed?: number;
  /** Counted from 0: each epoch has its own order. Default 0. */
  epoch?: number;
  /** Default true; false reads the samples in the order of the data set. */
  shuffle?: boolean;
  /** Leaves out a last batch that is not full. Default false. */
  dropLast?: boolean;
}

/** One batch. All arrays are overwritten by the next one; only the first `count` samples are of this batch. */
export interface Batch extends SampleBuffers {
  /** `[batchSize, H, W, C]`. */
  images: Uint8Array | Float32Array;
  /** `[batchSize]`. */
  labels: Int32Array;
  /** `[count]`: which samples these are; augmentation draws its numbers by them. */
  indices: Uint32Array;
  count: number;
}

/** The samples of an epoch in their order: Fisher-Yates with the stream (seed, 'shuffle', epoch). */
export function shuffledIndices(length: number, seed: number, epoch: number): Uint32Array {
  requireInteger('epoch', epoch, 0, 0xffffffff);
  const order = sequence(length);
  new RandomStream(seed, 'shuffle', epoch).shuffle(order);
  return order;
}

/** Goes once through `dataset` in batches. Options are checked at the call, not at the first batch. */
export function batches(dataset: Dataset, options: BatchOptions): IterableIterator<Batch> {
  const { batchSize, seed = 0, epoch = 0, shuffle = true, dropLast = false } = options;
  requireInteger('batchSize', batchSize, 1);
  const order = shuffle ? shuffledIndices(dataset.length, seed, epoch) : sequence(dataset.length);
  const end = dropLast ? order.length - (order.length % batchSize) : order.length;
  return iterate(dataset, order.subarray(0, end), Math.min(batchSize, dataset.length));
}

function* iterate(dataset: Dataset, order: Uint32Array, batchSize: number): IterableIterator<Batch> {
  const values = batchSize * imageSize(dataset.shape);
  const images = dataset.type === 'u8' ? new Uint8Array(values) : new Float32Array(values);
  const labels = new Int32Array(batchSize);
  for (let at = 0; at < order.length; at += batchSize) {
    const indices = order.subarray(at, at + batchSize);
    const batch: Batch = { images, labels, indices, count: indices.length };
    dataset.read(indices, batch);
    yield batch;
  }
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
