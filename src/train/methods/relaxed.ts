/**
 * What methods share whose training draws are real weights that become signs over the run: `parameter.real` and the words beside it.
 *
 * @module
 */
import { argumentError, requireNumber } from '../../core/errors.js';
import type { Runtime } from '../../core/runtime.js';
import type { Draw } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import type { Latents } from './latent.js';

/** Packs the signs of the latents. A training draw is what `relax` writes to `parameter.real`; the mode is the signs there, too. */
export function packRelaxed(
  { runtime, parameter, data, signs }: Latents,
  draw: Draw,
  relax: (real: number, progress: number) => void,
): void {
  signs.pack(data);
  if (draw.kind === 'train') relax(parameter.real, draw.progress);
  else writeSigns(runtime, data, parameter.real, parameter.elements);
}

/** w = sign(x), f32. */
export function writeSigns(runtime: Runtime, x: number, w: number, elements: number): void {
  const { arena } = runtime;
  arena.f32(w, elements).set(arena.f32(x, elements));
  runtime.run('sign_f32', updateItems(elements), w, elements, 1);
}

export interface AnnealOptions {
  /** beta at the start of the run, above 0. */
  betaMin?: number;
  /** beta at its end, at least betaMin. */
  betaMax?: number;
}

/** Checks them and returns beta at a share of the run: betaMin (betaMax / betaMin)^progress. */
export function betaSchedule(method: string, betaMin: number, betaMax: number): (math: Runtime['math'], progress: number) => number {
  if (!(betaMin > 0)) throw argumentError(`${method}.betaMin`, betaMin, 'a positive number');
  requireNumber(`${method}.betaMax`, betaMax, betaMin, 1e30);
  return (math, progress) => betaMin * math.exp(progress * math.log(betaMax / betaMin));
}
