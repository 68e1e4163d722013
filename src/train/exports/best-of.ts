/**
 * The best of n sampled networks, each with batch-norm statistics of its own; the validation split decides, so the test set stays clean.
 *
 * @module
 */
import { argumentError, requireInteger } from '../../core/errors.js';
import type { Draw } from '../method.js';
import type { Evaluation } from '../session.js';
import type { ExportChoice } from './choice.js';

/** `samples`: how many are drawn, 1..4096. Of equally accurate ones the one with the lower loss, then the first. */
export function bestOf(samples: number): ExportChoice {
  requireInteger('bestOf.samples', samples, 1, 4096);
  const draw = (index: number): Draw => ({ kind: 'sample', index });
  return {
    name: 'best-of',
    check({ validation }) {
      if (validation < 1)
        throw argumentError('validation', validation, 'at least 1 for best-of, which chooses a sample on the held-out split');
    },
    images: ({ reestimated, validation }) => samples * (reestimated + validation) + reestimated,
    async choose(_, validate) {
      const results: Evaluation[] = [];
      for (let index = 0; index < samples; index++) results.push(await validate(draw(index)));
      const better = (a: Evaluation, b: Evaluation): boolean => a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
      const sample = results.reduce((best, result, i) => (better(result, results[best]) ? i : best), 0);
      return { draw: draw(sample), selection: { sample, validationAccuracies: results.map(({ accuracy }) => accuracy) } };
    },
  };
}
