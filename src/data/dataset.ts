/**
 * The data set contract: labelled images of one shape, read by index.
 *
 * A data set needs no memory layout of its own: `read` writes the samples that a batch asks for into the caller's buffers,
 * which may be wasm memory. Loading and decoding happen before, in the factory that returns it.
 *
 * @module
 */
import { argumentError, dataError } from '../core/errors.js';
import type { Augmentation } from './augment.js';

/** Size of one image; its pixels are stored row by row, channels last. */
export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/** Where `read` writes. Longer buffers than needed are fine: the rest stays as it is. */
export interface SampleBuffers {
  /** `[B, H, W, C]`, Uint8Array for `type` 'u8', Float32Array for 'f32'. */
  images: Uint8Array | Float32Array;
  /** `[B]` class indices. */
  labels: Uint8Array | Uint16Array | Int32Array;
}

export interface Dataset {
  /** Number of samples. */
  readonly length: number;
  readonly shape: ImageShape;
  /** Number of classes: labels are 0 to classes - 1. */
  readonly classes: number;
  /** Name of each class. */
  readonly labels: readonly string[];
  /** 'u8': pixels 0 to 255, normalised by the trainer. 'f32': taken as they are. */
  readonly type: 'u8' | 'f32';
  /**
   * Writes images and class indices of the samples `indices`, one after the other.
   * Throws on an index out of range, on a buffer of the wrong type and on one that is too small.
   */
  read(indices: Uint32Array, into: SampleBuffers): void;
}

/** A data set with its customary split. */
export interface DataSplits {
  train: Dataset;
  test: Dataset;
  /** The customary augmentation; the trainer uses it unless told otherwise. */
  readonly augmentation?: Augmentation;
}

/** Values in one image: H * W * C. */
export function imageSize(shape: ImageShape): number {
  return shape.height * shape.width * shape.channels;
}

/** Throws unless `into` can take `count` samples of `dataset`. */
export function requireBuffers(dataset: Dataset, count: number, into: SampleBuffers): void {
  const { images, labels } = into;
  if (dataset.type === 'u8' ? !(images instanceof Uint8Array) : !(images instanceof Float32Array)) {
    throw argumentError('into.images', images, dataset.type === 'u8' ? 'a Uint8Array' : 'a Float32Array');
  }
  const values = count * imageSize(dataset.shape);
  if (images.length < values) throw argumentError('into.images.length', images.length, `at least ${values} for ${count} samples`);
  if (labels.length < count) throw argumentError('into.labels.length', labels.length, `at least ${count}`);
  if (labels.BYTES_PER_ELEMENT === 1 && dataset.classes > 256) {
    throw argumentError('into.labels', labels, `a Uint16Array or Int32Array for ${dataset.classes} classes`);
  }
}

/**
 * Throws with code 'data' unless the first labels, one for each of the samples `indices`, are 0 to classes - 1.
 * A data set may be anybody's, and a kernel indexes with what it says.
 */
export function requireLabels(classes: number, indices: Uint32Array, labels: SampleBuffers['labels']): void {
  for (let i = 0; i < indices.length; i++) {
    if (labels[i] < 0 || labels[i] >= classes) throw dataError(`label of sample ${indices[i]}`, labels[i], `0 to ${classes - 1}`);
  }
}

/** The samples `indices` of `dataset`, in that order; repetitions are allowed. Shares the data; copies the indices. */
export function subset(dataset: Dataset, indices: Uint32Array): Dataset {
  for (const index of indices) {
    if (index >= dataset.length) throw argumentError('indices', index, `whole numbers from 0 to ${dataset.length - 1}`);
  }
  const chosen = indices.slice();
  let scratch = new Uint32Array(0);
  return {
    length: chosen.length,
    shape: dataset.shape,
    classes: dataset.classes,
    labels: dataset.labels,
    type: dataset.type,
    read(wanted: Uint32Array, into: SampleBuffers): void {
      if (scratch.length < wanted.length) scratch = new Uint32Array(wanted.length);
      const mapped = scratch.subarray(0, wanted.length);
      for (let i = 0; i < wanted.length; i++) {
        if (wanted[i] >= chosen.length) throw argumentError(`indices[${i}]`, wanted[i], `a whole number from 0 to ${chosen.length - 1}`);
        mapped[i] = chosen[wanted[i]];
      }
      dataset.read(mapped, into);
    },
  };
}
