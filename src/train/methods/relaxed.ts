/**
 * What methods share whose training draws are real weights that become signs over the run: `parameter.real` and the words beside it.
 *
 * @module
 */
import { argumentError, requireNumber } from '../../core/errors.js';
import type { Runtime } from '../../core/runtime.js';
import type { Draw, NamedCounter } from '../method.js';
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

/** w = sign(x), f32; with noise sign(x + noise), as the words have it. */
export function writeSigns({ arena }: Runtime, x: number, w: number, elements: number, noise?: number): void {
  const from = arena.f32(x, elements);
  const added = noise === undefined ? undefined : arena.f32(noise, elements);
  const to = arena.f32(w, elements);
  for (let i = 0; i < elements; i++) to[i] = (added === undefined ? from[i] : Math.fround(from[i] + added[i])) < 0 ? -1 : 1;
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

/** Counts the steps of an average that forgets, for a checkpoint; `next`: counts one more and returns 1 - momentum^steps. */
export function stepCounter(name: string, momentum: number): NamedCounter & { next(): number } {
  let steps = 0;
  let power = 1; // momentum^steps, as a running product
  const next = (): number => {
    steps++;
    power *= momentum;
    return 1 - power;
  };
  return {
    name: `${name}.steps`,
    get: () => steps,
    set(count) {
      [steps, power] = [0, 1];
      while (steps < count) next();
    },
    next,
  };
}
