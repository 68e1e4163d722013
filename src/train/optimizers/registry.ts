/**
 * All optimizers by name.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import { type AdamWOptions, adamw } from './adamw.js';
import { type MuonOptions, muon } from './muon.js';
import { type NsgdOptions, nsgd } from './nsgd.js';
import type { Optimizer } from './optimizer.js';
import { type SgdOptions, sgd } from './sgd.js';

/** Options of all optimizers; each takes its own. */
export type OptimizerOptions = AdamWOptions & SgdOptions & NsgdOptions & MuonOptions;

const OPTIMIZERS: Record<string, (options: OptimizerOptions) => Optimizer> = { adamw, sgd, nsgd, muon };

export function optimizerNames(): string[] {
  return Object.keys(OPTIMIZERS);
}

/** The optimizer called `name`; options that it does not have are ignored by it. */
export function createOptimizer(name: string, options: OptimizerOptions = {}): Optimizer {
  requireOneOf('optimizer', name, optimizerNames());
  return OPTIMIZERS[name](options);
}
