/**
 * A data set over arrays that the program already holds: the way in for own data on every host.
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { type Dataset, type ImageShape, imageSize, requireBuffers, type SampleBuffers } from './dataset.js';

/** Any typed array of whole numbers that are exact in a double. */
export type IntegerArray = Uint8Array | Uint8ClampedArray | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

export interface ArrayDatasetOptions {
  /**
   * `[N, H, W, C]`. Whole-number arrays hold pixels 0 to 255 and give a 'u8' data set; Float32Array and Float64Array hold finite
   * values that are taken as they are and give 'f32'. Uint8Array, Uint8ClampedArray and Float32Array are referenced, not copied.
   */
  images: IntegerArray | Float32Array | Float64Array;
  /** `[N]` class indices from 0. Copied. */
  labels: readonly number[] | IntegerArray;
  shape: ImageShape;
  /** Number of classes, 1 to 65536. Default: the number of `classNames`, else the greatest label + 1. */
  classes?: number;
  /** Default: the class indices as text. */
  classNames?: readonly string[];
}

const MAX_CLASSES = 65536;

/** Wraps arrays as a data set. Throws on lengths that do not fit together, labels out of range, and pixels out of range or not finite. */
export function arrayDataset(options: ArrayDatasetOptions): Dataset {
  if (typeof options.shape !== 'object') throw argumentError('shape', options.shape, '{ height, width, channels }');
  if (!Array.isArray(options.labels)) requireIntegerArray('labels', options.labels, 'an array or typed array of class indices');
  const { height, width, channels } = options.shape;
  requireInteger('shape.height', height, 1);
  requireInteger('shape.width', width, 1);
  requireInteger('shape.channels', channels, 1);
  const shape: ImageShape = { height, width, channels };
  const size = imageSize(shape);
  const length = options.labels.length;
  if (length === 0) throw argumentError('labels.length', 0, 'at least one sample');
  const images = toImages(options.images);
  if (images.length !== length * size) {
    throw argumentError('images.length', images.length, `${length} * ${height} * ${width} * ${channels} = ${length * size}`);
  }
  const classes = classCount(options);
  const labels = toLabels(options.labels, classes);
  const names = options.classNames ? [...options.classNames] : Array.from({ length: classes }, (_, index) => String(index));
  const dataset: Dataset = {
    length,
    shape,
    classes,
    labels: names,
    type: images instanceof Uint8Array ? 'u8' : 'f32',
    read(indices: Uint32Array, into: SampleBuffers): void {
      requireBuffers(dataset, indices.length, into);
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i];
        if (index >= length) throw argumentError(`indices[${i}]`, index, `a whole number from 0 to ${length - 1}`);
        into.images.set(images.subarray(index * size, (index + 1) * size), i * size);
        into.labels[i] = labels[index];
      }
    },
  };
  return dataset;
}

/** Pixels as bytes or as f32; throws on the first value that is neither. */
function toImages(images: ArrayDatasetOptions['images']): Uint8Array | Float32Array {
  if (images instanceof Uint8Array) return images;
  if (images instanceof Uint8ClampedArray) return new Uint8Array(images.buffer, images.byteOffset, images.length);
  if (images instanceof Float32Array || images instanceof Float64Array) {
    // Checked after rounding: 1e300 is finite in f64 and infinite in f32.
    const rounded = images instanceof Float32Array ? images : new Float32Array(images);
    for (let i = 0; i < rounded.length; i++) {
      if (!Number.isFinite(rounded[i])) throw argumentError(`images[${i}]`, images[i], 'a number that is finite in f32');
    }
    return rounded;
  }
  requireIntegerArray('images', images, 'a typed array of pixels 0 to 255, a Float32Array or a Float64Array');
  for (let i = 0; i < images.length; i++) {
    if (images[i] < 0 || images[i] > 255) throw argumentError(`images[${i}]`, images[i], 'a pixel from 0 to 255');
  }
  return new Uint8Array(images);
}

function toLabels(labels: ArrayDatasetOptions['labels'], classes: number): Uint16Array {
  for (let i = 0; i < labels.length; i++) requireInteger(`labels[${i}]`, labels[i], 0, classes - 1);
  return Uint16Array.from(labels);
}

function classCount({ labels, classes, classNames }: ArrayDatasetOptions): number {
  if (classes !== undefined) requireInteger('classes', classes, 1, MAX_CLASSES);
  if (classNames !== undefined) {
    if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === 'string'))
      throw argumentError('classNames', classNames, 'an array of strings');
    requireInteger('classNames.length', classNames.length, classes ?? 1, classes ?? MAX_CLASSES);
    return classNames.length;
  }
  if (classes !== undefined) return classes;
  let greatest = 0;
  for (let i = 0; i < labels.length; i++) {
    requireInteger(`labels[${i}]`, labels[i], 0, MAX_CLASSES - 1);
    if (labels[i] > greatest) greatest = labels[i];
  }
  return greatest + 1;
}

function requireIntegerArray(name: string, value: unknown, expected: string): void {
  const types = [Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array];
  if (!types.some((type) => value instanceof type)) throw argumentError(name, value, expected);
}
