/**
 * What `predict` accepts as an image.
 *
 * @module
 */
import { argumentError, BitgaussError } from '../core/errors.js';
import type { ModelInput } from '../format/model-header.js';

/** Bytes 0..255 or f32 numbers, [H, W, C]. */
export type Image = Uint8Array | Uint8ClampedArray | Float32Array;

/** Throws unless `image` fits; returns values per pixel: 4 for RGBA given to a model of 3 channels, whose alpha is dropped. */
export function pixelSize(image: Image, { height, width, channels, type }: ModelInput): number {
  const positions = height * width;
  const isBytes = image instanceof Uint8Array || image instanceof Uint8ClampedArray;
  const fits = image?.length === positions * channels;
  if (isBytes && type === 'u8') {
    if (fits) return channels;
    if (channels === 3 && image.length === positions * 4) return 4;
  } else if (image instanceof Float32Array && fits) {
    const bad = image.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1) throw argumentError(`image[${bad}]`, image[bad], 'a finite number');
    return channels;
  }
  throw mismatch(image, { height, width, channels, type });
}

function mismatch(image: unknown, { height, width, channels, type }: Omit<ModelInput, 'mean' | 'std'>): BitgaussError {
  const size = `${height}x${width}x${channels} = ${height * width * channels}`;
  const rgba = channels === 3 ? ', or RGBA, whose alpha is dropped' : '';
  const bytes = `Uint8Array or Uint8ClampedArray of ${size} values 0..255 ([height][width][channel]${rgba}), or `;
  const expected = `${type === 'u8' ? bytes : ''}Float32Array of ${size} normalised values; resize and convert before`;
  const values = ArrayBuffer.isView(image) && (image as Uint8Array).length;
  const got = values === false ? typeOf(image) : `${(image as Uint8Array).constructor.name} of ${values} values`;
  const hint = channels !== 3 && values === height * width * 4 ? ' (RGBA?)' : '';
  return new BitgaussError('argument', `image: got ${got}${hint}, expected ${expected}`);
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : String(value);
}
