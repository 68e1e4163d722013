/**
 * Products of packed signs: x . w = n - 2 popcount(x xor w) for x, w in {-1, +1}^n, so XNOR and a count of bits stand for multiplying and adding.
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { requireArray, requireBitCount, requireBits, requireResult } from './check.js';
import type { SharedInstance } from './instance.js';

export interface XnorConv2dOptions {
  /** Rows of the input map. */
  height: number;
  /** Columns of the input map. */
  width: number;
  /** Channels of the input map; kernel height x kernel width x channels is at most 32,767. */
  channels: number;
  /** Height and width of the kernel, or [height, width]; 1..255. */
  kernelSize: number | readonly [number, number];
  /** 1..255. Default 1. */
  stride?: number;
  /** Zeros around the map, after binarisation: taps outside it are skipped. 0..255. Default 0. */
  padding?: number;
}

/** Largest kernel side, stride and padding, as in a model file. */
const MAX_SIDE = 255;
/** Sums of ±1 stay in int16. */
const MAX_FAN_IN = 32767;
const MAX_LENGTH = 65535;

export function packSigns(shared: SharedInstance, values: Float32Array, columns: number): Uint8Array {
  requireArray('values', values, 'Float32Array', 'Float32Array.from(values)');
  requireBitCount('columns', columns);
  if (values.length % columns !== 0) throw argumentError('values.length', values.length, `a multiple of ${columns} columns`);
  return shared.run('packSigns', values, columns);
}

export function xnorGemm(shared: SharedInstance, a: Uint8Array, b: Uint8Array, k: number): Int32Array {
  requireBitCount('k', k);
  requireResult('xnorGemm', requireBits('a', a, k, 'row'), requireBits('b', b, k, 'row'));
  return shared.run('xnorGemm', a, b, k);
}

export function xnorConv2d(shared: SharedInstance, x: Uint8Array, w: Uint8Array, options: XnorConv2dOptions): Int32Array {
  if (typeof options !== 'object' || options === null)
    throw argumentError('options', options, 'an object such as { height: 32, width: 32, channels: 128, kernelSize: 3, padding: 1 }');
  const { height, width, channels, kernelSize, stride = 1, padding = 0 } = options;
  requireInteger('height', height, 1, MAX_LENGTH);
  requireInteger('width', width, 1, MAX_LENGTH);
  requireInteger('stride', stride, 1, MAX_SIDE);
  requireInteger('padding', padding, 0, MAX_SIDE);
  const [kernelHeight, kernelWidth] = Array.isArray(kernelSize) ? kernelSize : [kernelSize, kernelSize];
  requireInteger('kernelSize', kernelHeight, 1, Math.min(MAX_SIDE, height + 2 * padding));
  requireInteger('kernelSize', kernelWidth, 1, Math.min(MAX_SIDE, width + 2 * padding));
  const taps = kernelHeight * kernelWidth;
  requireInteger('channels', channels, 1, Math.floor(MAX_FAN_IN / taps));
  const [pixels, filterTaps] = [requireBits('x', x, channels, 'position'), requireBits('w', w, channels, 'tap')];
  const rowBytes = Math.ceil(channels / 8);
  if (pixels % (height * width) !== 0) throw argumentError('x', x, `a multiple of ${height} x ${width} x ${rowBytes} bytes, whole maps`);
  if (filterTaps % taps !== 0)
    throw argumentError('w', w, `a multiple of ${kernelHeight} x ${kernelWidth} x ${rowBytes} bytes, whole filters`);
  const size = (length: number, side: number): number => Math.floor((length + 2 * padding - side) / stride) + 1;
  const shape = [pixels / (height * width), size(height, kernelHeight), size(width, kernelWidth), filterTaps / taps];
  requireResult('xnorConv2d', ...shape);
  return shared.run('xnorConv2d', x, w, height, width, channels, kernelHeight, kernelWidth, stride, padding);
}
