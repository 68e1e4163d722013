/**
 * The contract of choices among the networks of a trained distribution: which of them the model file holds.
 *
 * @module
 */
import type { Draw, TrainingMethod } from '../method.js';
import type { Evaluation } from '../session.js';

/** What the file holds. */
export interface Chosen {
  draw: Draw;
  /** The members of an ensemble beside it; they vote, with equal weights. */
  members?: Draw[];
  selection?: Selection;
}

/** How a sample was chosen. */
export interface Selection {
  /** The chosen one. */
  sample: number;
  /** Of every sample, in their order: 0..1. */
  validationAccuracies: number[];
}

export interface ExportChoice {
  readonly name: string;
  /** Throws where the settings of the run do not go with it. @internal */
  check(settings: { method: TrainingMethod; validation: number }): void;
  /** Images of forward passes that it takes, for the plan of a time budget, beside one evaluation of the test set. @internal */
  images(work: ChoiceWork): number;
  /** `validate`: loss and accuracy on the validation split of a draw, with batch norm's statistics of its own. @internal */
  choose(method: TrainingMethod, validate: (draw: Draw) => Promise<Evaluation>): Promise<Chosen>;
}

/** Images: of one re-estimation of batch norm's statistics, of the statistics of the mode (0 where they are running averages), and of the sets. */
export interface ChoiceWork {
  method: TrainingMethod;
  reestimated: number;
  statistics: number;
  validation: number;
  tested: number;
}
