/**
 * What the architectures have in common: their options, how widths round, and the two ways to begin and to end.
 *
 * @module
 */
import { argumentError, requireInteger, requireNumber, requireOneOf } from '../core/errors.js';
import type { ActivationFormat } from '../nn/activation-format.js';
import type { Layer } from '../nn/layer.js';
import { batchNorm, binaryConv2d, binaryLinear, conv2d, linear } from '../nn/layers/registry.js';
import type { Sequential } from '../nn/sequential.js';
import type { Surrogate } from '../nn/surrogates/surrogate.js';

export type LayerBits = 'f32' | 'binary';

/** Options of all architectures. One that an architecture does not have is refused. */
export interface ModelOptions {
  /** Number of outputs, 1 or more. */
  classes: number;
  /** Convolutional nets: factor on all channel counts, above 0. Default 1. */
  width?: number;
  /** `mlp`: sizes of the hidden layers. Default [256, 256]. */
  hidden?: readonly number[];
  /** The last layer: f32 with bias, or binary with a batch norm on the logits. Default 'f32'. */
  head?: LayerBits;
  /** The first layer: f32, or binary on the signs of the normalised image. Default 'f32'. */
  stem?: LayerBits;
  /** Of all signs of activations: `ede()`, say. Default `approxSign()`. */
  surrogate?: Surrogate;
  /** What binary weights are multiplied with: `realActivations()`, say, with its own layer in the place of PReLU. Default: signs. */
  activations?: ActivationFormat;
}

/** An architecture by name. */
export type Model = (options: ModelOptions) => Sequential;

/** Throws for options out of range, and for those the architecture does not have. */
export function requireOptions(model: string, options: ModelOptions, own: readonly (keyof ModelOptions)[]): void {
  if (typeof options !== 'object' || options === null) throw argumentError(model, options, 'an object of options such as { classes: 10 }');
  const known: readonly string[] = ['classes', ...own, 'head', 'stem', 'surrogate', 'activations'];
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(key))
      throw argumentError(`${model}.${key}`, value, `nothing: leave it out, the options of ${model} are ${known.join(', ')}`);
  }
  const { classes, width = 1, head = 'f32', stem = 'f32' } = options;
  requireInteger(`${model}.classes`, classes, 1);
  requireNumber(`${model}.width`, width, 0);
  if (width === 0) throw argumentError(`${model}.width`, width, 'a number above 0');
  requireOneOf(`${model}.head`, head, ['f32', 'binary']);
  requireOneOf(`${model}.stem`, stem, ['f32', 'binary']);
}

/** Channels at a width: the nearest whole number, halves up, at least 1. Exact for 1/4 and 1/2 of multiples of 4. */
export function scaled(channels: number, width: number): number {
  return Math.max(1, Math.round(channels * width));
}

/** First convolution, 3x3 with padding 1. A batch norm follows, so it has no bias. */
export function stemConv2d(channels: number, { stem = 'f32', surrogate, activations }: ModelOptions): Layer {
  const options = { kernelSize: 3, padding: 1 };
  return stem === 'binary' ? binaryConv2d(channels, { ...options, surrogate, activations }) : conv2d(channels, { ...options, bias: false });
}

/**
 * The last layer, on features. Integers of ±fan-in would saturate the softmax, so a binary head has a batch norm on its logits
 * (as in Meng et al., "Training Binary Neural Networks using the Bayesian Learning Rule", ICML 2020).
 */
export function headLayers({ classes, head = 'f32', surrogate, activations }: ModelOptions): Layer[] {
  return head === 'binary' ? [binaryLinear(classes, { surrogate, activations }), batchNorm()] : [linear(classes)];
}
