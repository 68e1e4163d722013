/**
 * Errors about files: where, what was found, what was expected.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';

/** `where: got …, expected …`; long values are cut. */
export function formatError(where: string, got: unknown, expected: string): BitgaussError {
  return new BitgaussError('format', `${where}: got ${brief(got)}, expected ${expected}`);
}

/** A value of a file as JSON, at most 80 characters. */
function brief(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

/** A fact in words, where the value itself says little. */
export function formatFailure(where: string, got: string, expected: string): BitgaussError {
  return new BitgaussError('format', `${where}: got ${got}, expected ${expected}`);
}

/** `value`, where it is a whole number from `min` to `max`; throws where it is none. */
export function wholeNumber(where: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw formatError(where, value, `a whole number from ${min} to ${max}`);
}
