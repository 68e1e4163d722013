/**
 * Parsers of option values: each says what it got and what it expected.
 *
 * @module
 */
import { InvalidArgumentError, Option } from 'commander';
import { gradientTypes } from '../train.js';

/** A finite number in [min, max]. */
export function number(min: number, max: number = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number ${range(min, max)}.`);
  };
}

/** A whole number in [min, max]. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const open = max === Number.MAX_SAFE_INTEGER && !(Number(text) > max);
    throw new InvalidArgumentError(`Expected a whole number ${range(min, open ? Number.POSITIVE_INFINITY : max)}.`);
  };
}

/** A time such as 90m, 2h, 45s or 600 (seconds), in seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(h|m|s|)$/.exec(text.trim());
  const seconds = match === null ? 0 : Number(match[1]) * ({ h: 3600, m: 60 }[match[2]] ?? 1);
  if (seconds >= 1) return seconds;
  throw new InvalidArgumentError('Expected a time of at least a second, such as 90m, 2h or 600s.');
}

/** Whole numbers in [min, max] with commas between them: `256,256`. */
export function integers(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number[] {
  const one = integer(min, max);
  return (text) => text.split(',').map(one);
}

/** Shares in [0, 1] with commas between them: `0.5,0.75`. */
export function shares(text: string): number[] {
  return text.split(',').map(number(0, 1));
}

/** The shape of an image: `32x32x3`. */
export function imageShape(text: string): { height: number; width: number; channels: number } {
  const [, height, width, channels] = /^([1-9]\d{0,4})x([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text.trim()) ?? [];
  if (channels === undefined) throw new InvalidArgumentError('Expected height, width and channels, such as 32x32x3.');
  return { height: Number(height), width: Number(width), channels: Number(channels) };
}

/** `--labels`, of the one data set that has two kinds. */
export function labelsOption(): Option {
  return new Option('--labels <which>', 'cifar100: 100 fine or 20 coarse classes (default: fine)').choices(['fine', 'coarse']);
}

/** `--gradients`: fewer bits are faster, and noisier. */
export function gradientsOption(): Option {
  return new Option(
    '--gradients <type>',
    'numbers of the backward pass of binary layers (default: int16, or f32 for weights that are real in training)',
  ).choices(gradientTypes());
}

/** `--real-optimizer`: the others work on filters. */
export function realOptimizerOption(): Option {
  return new Option('--real-optimizer <name>', 'optimizer of everything else').choices(['adamw', 'sgd']).default('adamw');
}

/** `--until`, of commands that run ensembles. */
export function untilOption(): Option {
  const parse = (text: string): number => {
    const value = number(0)(text);
    if (value > 0.5 && value < 1) return value;
    throw new InvalidArgumentError('Expected a number above 0.5 and below 1.');
  };
  return new Option('--until <probability>', 'of an ensemble: stop when the label is settled with this probability').argParser(parse);
}

function range(min: number, max: number): string {
  return max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
}
