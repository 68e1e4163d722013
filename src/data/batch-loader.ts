/**
 * Prepares the next batch while the present training step runs: read, check labels, augment.
 *
 * A step pauses every few milliseconds; in each pause `advance` prepares a few samples, so that nothing long happens at once and nothing
 * is left to do when the step ends. What a batch holds is a function of (data set, indices, seed, epoch), not of who called when.
 *
 * @module
 */
import { argumentError, BitgaussError, requireInteger } from '../core/errors.js';
import { RandomStream } from '../core/random.js';
import type { Augmentation } from './augment.js';
import { type Dataset, imageSize, requireBuffers, requireLabels, type SampleBuffers } from './dataset.js';

export interface BatchLoaderOptions {
  /** The most samples of a batch, at least 1. */
  batchSize: number;
  /** Of the augmentation's numbers, 0 to 2^53 - 1: sample i in epoch e has the stream (seed, 'augment', e, i). */
  seed: number;
  /** Default: none. */
  augmentation?: Augmentation;
}

/** What one `advance` prepares at most: samples, and values of them. 16 augmented images of CIFAR take about 0.1 ms. */
const PIECE_SAMPLES = 16;
const PIECE_VALUES = 65536;

export class BatchLoader {
  readonly #dataset: Dataset;
  readonly #seed: number;
  readonly #augmentation: Augmentation | undefined;
  readonly #size: number;
  readonly #pieceSamples: number;
  /** [batchSize, H, W, C] and [batchSize]: the batch in preparation. */
  readonly #images: Uint8Array | Float32Array;
  readonly #labels: Int32Array;
  readonly #indices: Uint32Array;
  /** [pieceSamples, H, W, C]: samples before they are augmented. */
  readonly #scratch: Uint8Array | Float32Array;
  #epoch = 0;
  /** Samples of the batch that was begun, 0 when there is none, and how many of them are prepared. */
  #count = 0;
  #done = 0;

  constructor(dataset: Dataset, options: BatchLoaderOptions) {
    const { batchSize, seed, augmentation } = options;
    requireInteger('batchSize', batchSize, 1);
    requireInteger('seed', seed, 0);
    this.#dataset = dataset;
    this.#seed = seed;
    this.#augmentation = augmentation;
    this.#size = imageSize(dataset.shape);
    this.#pieceSamples = Math.max(1, Math.min(PIECE_SAMPLES, Math.floor(PIECE_VALUES / this.#size)));
    const values = (samples: number) =>
      dataset.type === 'u8' ? new Uint8Array(samples * this.#size) : new Float32Array(samples * this.#size);
    this.#images = values(batchSize);
    this.#labels = new Int32Array(batchSize);
    this.#indices = new Uint32Array(batchSize);
    this.#scratch = values(augmentation ? this.#pieceSamples : 0);
  }

  /**
   * Begins to prepare the samples `indices`, of which it keeps a copy, for `epoch` (from 0). Prepares nothing yet.
   * Throws when a batch that was begun has not been taken, and on indices out of range.
   */
  begin(indices: Uint32Array, epoch: number): void {
    if (this.#count > 0) throw new BitgaussError('argument', 'batch loader: the batch begun before has not been taken; call take() first');
    requireInteger('indices.length', indices.length, 1, this.#indices.length);
    requireInteger('epoch', epoch, 0, 0xffffffff);
    const { length } = this.#dataset;
    for (let i = 0; i < indices.length; i++) {
      if (indices[i] >= length) throw argumentError(`indices[${i}]`, indices[i], `a whole number from 0 to ${length - 1}`);
    }
    this.#indices.set(indices);
    this.#epoch = epoch;
    this.#count = indices.length;
    this.#done = 0;
  }

  /**
   * Prepares up to 16 more samples, fewer of large images; false when nothing is left to do, which costs nothing to find out.
   * Throws with code 'data' on a label outside of the classes; these samples then stay unprepared, and take() throws the same.
   */
  advance(): boolean {
    if (this.#done === this.#count) return false;
    const start = this.#done;
    const end = Math.min(start + this.#pieceSamples, this.#count);
    const size = this.#size;
    const indices = this.#indices.subarray(start, end);
    const labels = this.#labels.subarray(start, end);
    const prepared = this.#images.subarray(start * size, end * size);
    const images = this.#augmentation ? this.#scratch : prepared;
    this.#dataset.read(indices, { images, labels });
    requireLabels(this.#dataset.classes, indices, labels);
    if (this.#augmentation) this.#augment(this.#augmentation, indices, prepared);
    this.#done = end;
    return end < this.#count;
  }

  /**
   * Finishes what is left and copies the first samples of `into`: the batch that was begun, in the order of its indices. Returns how many.
   * Throws when none was begun, and unless `into` can take it.
   */
  take(into: SampleBuffers): number {
    const count = this.#count;
    if (count === 0) throw new BitgaussError('argument', 'batch loader: there is no batch to take; call begin() first');
    requireBuffers(this.#dataset, count, into);
    while (this.advance());
    into.images.set(this.#images.subarray(0, count * this.#size));
    into.labels.set(this.#labels.subarray(0, count));
    this.#count = 0;
    this.#done = 0;
    return count;
  }

  /** The samples in the scratch array, each with its own stream. */
  #augment(augmentation: Augmentation, indices: Uint32Array, prepared: Uint8Array | Float32Array): void {
    const size = this.#size;
    for (let i = 0; i < indices.length; i++) {
      const at = i * size;
      const random = new RandomStream(this.#seed, 'augment', this.#epoch, indices[i]);
      augmentation.apply(this.#scratch.subarray(at, at + size), prepared.subarray(at, at + size), this.#dataset.shape, random);
    }
  }
}
