/**
 * The one error class of the package. Messages name the value, what was expected and how to fix it.
 *
 * @module
 */

/** What went wrong, for programs: a bad argument, a broken file, missing or unreadable data, something this host or version cannot do. */
export type ErrorCode = 'argument' | 'format' | 'data' | 'unsupported' | 'numeric' | 'aborted';

export class BitgaussError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BitgaussError';
    this.code = code;
  }
}

/** An argument outside its range: `name: got …, expected …`. */
export function argumentError(name: string, got: unknown, expected: string): BitgaussError {
  return new BitgaussError('argument', `${name}: got ${show(got)}, expected ${expected}`);
}

/** Data that are not as they should be: `what: got …, expected …`, where `what` names the file, if there is one, and the place in it. */
export function dataError(what: string, got: string | number, expected: string): BitgaussError {
  return new BitgaussError('data', `${what}: got ${got}, expected ${expected}`);
}

/** Throws unless `value` is a whole number in [min, max]. */
export function requireInteger(name: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  throw argumentError(
    name,
    value,
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
  );
}

/** Throws unless `value` is a finite number in [min, max]. */
export function requireNumber(name: string, value: unknown, min: number, max: number = Number.MAX_VALUE): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return;
  throw argumentError(
    name,
    value,
    max === Number.MAX_VALUE ? `a finite number of at least ${min}` : `a finite number from ${min} to ${max}`,
  );
}

/** Throws unless `value` is one of `names`. */
export function requireOneOf(name: string, value: unknown, names: readonly string[]): void {
  if (typeof value === 'string' && names.includes(value)) return;
  throw argumentError(name, value, `one of ${names.join(', ')}`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === 'function') return `a function ${value.name}`.trim();
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'object';
  return String(value);
}
