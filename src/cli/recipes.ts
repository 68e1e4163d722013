/**
 * Recipes: what `--recipe` stands for where the command line says nothing else.
 *
 * @module
 */
import type { DataSplits } from '../data.js';
import type { TrainFlags } from './train-options.js';

export const RECIPES = ['default', 'reference', 'paper'] as const;

/** AdamW for all parameters. */
const REFERENCE: Partial<TrainFlags> = { optimizer: 'adamw', realOptimizer: 'adamw', lr: 0.002, realLr: 0.002, warmup: 0.5 };

/**
 * VISPA's published runs of W1A1 networks on CIFAR-10 (Orecchia et al., NeurIPS 2024): SGD with momentum 0.9 in one group at 0.5 for all parameters. Real-valued
 * layers get a group of their own here: at 0.5 they diverge where the warm-up is short.
 */
const PAPER: Partial<TrainFlags> = {
  optimizer: 'sgd',
  realOptimizer: 'sgd',
  lr: 0.5,
  realLr: 0.1,
  weightDecay: 1e-5,
  batch: 256,
  warmup: 5,
  schedule: 'cosine',
  rank: 4,
  noiseScale: 100,
  samples: 40,
};
const PAPER_EPOCHS = 600;
/** Of the published training sets in steps of 256 images, 20,000 steps: an average of gradients at rate 0.5 and weight decay 1e-5 reaches that far back. */
const PAPER_MEMORY = 100;

export function recipeFlags({ recipe, timeBudget }: TrainFlags, { train }: DataSplits): Partial<TrainFlags> {
  if (recipe === 'default') return {};
  const normalize = train.shape.channels === 3 ? 'imagenet' : 'measured';
  if (recipe === 'reference') return { ...REFERENCE, normalize };
  return { ...PAPER, normalize, epochs: timeBudget === undefined ? PAPER_EPOCHS : undefined };
}

/** What is to be said of a run of so many epochs. */
export function recipeWarnings(recipe: TrainFlags['recipe'] | undefined, epochs: number): string[] {
  if (recipe !== 'paper' || epochs >= PAPER_MEMORY) return [];
  return [
    `--recipe paper is a schedule of ${PAPER_EPOCHS} epochs, and its latent weights remember some ${PAPER_MEMORY} (20,000 steps): in ${epochs} epochs the signs of the start ` +
      'are not forgotten; take --recipe default, or a higher --lr or --weight-decay',
  ];
}
