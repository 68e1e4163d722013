/**
 * Sizes of a convolution: checked once, and written where kernels read them.
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import type { Runtime } from '../core/runtime.js';
import type { MapShape } from './tensor.js';

export interface Conv2dOptions {
  /** Height and width of the kernel. */
  kernelSize: number;
  /** Default 1. */
  stride?: number;
  /** Zeros around the map, after binarisation. Default 0. */
  padding?: number;
}

export interface ConvGeometry {
  input: MapShape;
  output: MapShape;
  kernelSize: number;
  stride: number;
  padding: number;
}

/** Validates the options against the input map. */
export function convGeometry(name: string, input: MapShape, outChannels: number, options: Conv2dOptions): ConvGeometry {
  if (typeof options !== 'object' || options === null)
    throw argumentError(`${name}: options`, options, 'an object such as { kernelSize: 3, padding: 1 }');
  const { kernelSize, stride = 1, padding = 0 } = options;
  requireInteger(`${name}.outChannels`, outChannels, 1, 65535);
  requireInteger(`${name}.kernelSize`, kernelSize, 1, 63);
  requireInteger(`${name}.stride`, stride, 1, 63);
  requireInteger(`${name}.padding`, padding, 0, 63);
  const size = (length: number): number => Math.floor((length + 2 * padding - kernelSize) / stride) + 1;
  const output = { height: size(input.height), width: size(input.width), channels: outChannels };
  if (output.height < 1 || output.width < 1) {
    throw argumentError(
      `${name}.kernelSize`,
      kernelSize,
      `at most the padded input, ${input.height + 2 * padding}x${input.width + 2 * padding}`,
    );
  }
  return { input, output, kernelSize, stride, padding };
}

/** Writes the sizes in the order of the kernels' ConvShape; returns the address. */
export function writeConvShape(runtime: Runtime, groups: number, g: ConvGeometry): number {
  const pointer = runtime.arena.allocate(64, 'parameters');
  const { input, output } = g;
  runtime.arena
    .i32(pointer, 11)
    .set([
      groups,
      input.height,
      input.width,
      input.channels,
      output.height,
      output.width,
      output.channels,
      g.kernelSize,
      g.kernelSize,
      g.stride,
      g.padding,
    ]);
  return pointer;
}
