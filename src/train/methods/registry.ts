/**
 * All training methods by name.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import type { TrainingMethod } from '../method.js';
import { float } from './float.js';
import { type SteOptions, ste } from './ste.js';
import { type VispaOptions, vispa } from './vispa.js';

/** Options of all methods; each takes its own. */
export type MethodOptions = SteOptions & VispaOptions;

const METHODS: Record<string, (options: MethodOptions) => TrainingMethod> = { ste, vispa, float };

export function methodNames(): string[] {
  return Object.keys(METHODS);
}

/** The method called `name` with its options. */
export function createMethod(name: string, options: MethodOptions = {}): TrainingMethod {
  requireOneOf('method', name, methodNames());
  return METHODS[name](options);
}
