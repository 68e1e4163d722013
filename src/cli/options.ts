/**
 * Parsers of option values: each says what it got and what it expected.
 *
 * @module
 */
import { InvalidArgumentError } from 'commander';

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

/** A time such as 90m, 2h, 45s or 600 (seconds), in seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(h|m|s|)$/.exec(text.trim());
  const seconds = match === null ? 0 : Number(match[1]) * ({ h: 3600, m: 60 }[match[2]] ?? 1);
  if (seconds >= 1) return seconds;
  throw new InvalidArgumentError('Expected a time of at least a second, such as 90m, 2h or 600s.');
}

function range(min: number, max: number): string {
  return max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
}
