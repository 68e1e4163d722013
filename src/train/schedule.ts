/**
 * Learning rates over a run, as a factor of the peak: linear warm-up, (t + 1) / warmup for t < warmup, then, with x = (t - warmup) / (steps - warmup),
 *
 *     cosine     (1 + cos(pi x)) / 2        Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts
 *     linear     1 - x
 *     step       decay^(number of milestones up to x)
 *     constant   1
 *
 * @module
 */

export interface Schedule {
  name: 'cosine' | 'linear' | 'step' | 'constant';
  /** For 'step': shares of the run behind the warm-up, 0..1, in rising order. */
  milestones: readonly number[];
  /** For 'step'. */
  decay: number;
}

/** cosTurn: cos(2 pi u) with the same bits on every host (Runtime.math). */
type Shape = (x: number, schedule: Schedule, cosTurn: (u: number) => number) => number;

const SHAPES: Record<Schedule['name'], Shape> = {
  cosine: (x, _, cosTurn) => 0.5 * (1 + cosTurn(0.5 * x)),
  linear: (x) => 1 - x,
  step: (x, { milestones, decay }) => milestones.filter((share) => x >= share).reduce((factor) => factor * decay, 1),
  constant: () => 1,
};

/** All of them, the default first. */
export function scheduleNames(): Schedule['name'][] {
  return Object.keys(SHAPES) as Schedule['name'][];
}

/** The factor of a step. Steps and warm-up are whole numbers of steps. */
export function rateFactor(schedule: Schedule, step: number, steps: number, warmup: number, cosTurn: (u: number) => number): number {
  if (step < warmup) return (step + 1) / warmup;
  return SHAPES[schedule.name]((step - warmup) / Math.max(1, steps - warmup), schedule, cosTurn);
}
