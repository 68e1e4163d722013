/**
 * Options of the architectures, for all commands that make a network by name. What is not given is left to the network, which refuses
 * options that it does not have.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { activationNames, createActivations, createSurrogate, type LayerBits, type ModelOptions, surrogateNames } from '../train.js';
import { integers, number } from './options.js';

export interface ModelFlags {
  width?: number;
  hidden?: number[];
  head?: LayerBits;
  stem?: LayerBits;
  surrogate?: string;
  activations?: string;
}

export function addModelOptions(command: Command): Command {
  return command
    .option('--width <factor>', 'convnet, vgg-small: factor on all channel counts (default: 1)', number(1e-6))
    .option('--hidden <sizes>', 'mlp: sizes of the hidden layers (default: 256,256)', integers(1))
    .addOption(new Option('--head <bits>', 'last layer (default: f32)').choices(['f32', 'binary']))
    .addOption(
      new Option(
        '--activations <bits>',
        'what binary weights are multiplied with; 2, 3: bits with a learned step, 32: real numbers behind ReLU (default: 1)',
      ).choices(activationNames()),
    )
    .addOption(new Option('--stem <bits>', 'first layer (default: f32)').choices(['f32', 'binary']))
    .addOption(
      new Option('--surrogate <name>', "what stands in for the derivative of the activations' sign (default: approx-sign)").choices(
        surrogateNames(),
      ),
    );
}

/** The part of the flags that `createModel` takes. */
export function modelOptions({ width, hidden, head, stem, surrogate, activations }: ModelFlags): Omit<ModelOptions, 'classes'> {
  return {
    width,
    hidden,
    head,
    stem,
    surrogate: surrogate === undefined ? undefined : createSurrogate(surrogate),
    activations: activations === undefined ? undefined : createActivations(activations),
  };
}
