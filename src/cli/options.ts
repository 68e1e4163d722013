/**
 * Parsers of option values: each says what it got and what it expected.
 *
 * @module
 */
import { InvalidArgumentError, Option } from 'commander';

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
    throw new InvalidArgumentError(
      `Expected a whole number ${range(min, max === Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : max)}.`,
    );
  };
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
