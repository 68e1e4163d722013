/**
 * All optimizers by name.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import { type AdamWOptions, adamw } from './adamw.js';
import type { Optimizer } from './optimizer.js';
import { type SgdOptions, sgd } from './sgd.js';

const OPTIMIZERS: Record<string, (options: AdamWOptions & SgdOptions) => Optimizer> = { adamw, sgd };

export function optimizerNames(): string[] {
  return Object.keys(OPTIMIZERS);
}

/** The optimizer called `name`; options that it does not have are ignored by it. */
export function createOptimizer(name: string, options: AdamWOptions & SgdOptions = {}): Optimizer {
  requireOneOf('optimizer', name, optimizerNames());
  return OPTIMIZERS[name](options);
}
