/**
 * How good predictions are, beyond how often the label comes first.
 *
 * @module
 */

/** Bins of confidence: (0, .1], (.1, .2] and so on. */
const BINS = 10;

export interface Quality {
  /** 0..1. */
  accuracy: number;
  /** Mean of -ln p, p the probability of the label; p counts as at least 1e-300. */
  loss: number;
  /** Expected calibration error: sum over bins of |correct - confidence| / samples (Guo et al., ICML 2017, equation 5). */
  calibrationError: number;
}

export class QualityMeter {
  readonly #math: { exp: (x: number) => number; log: (x: number) => number };
  /** Correct ones less confidence, by bin. */
  readonly #gaps = new Float64Array(BINS);
  #samples = 0;
  #correct = 0;
  #loss = 0;

  constructor(math: { exp: (x: number) => number; log: (x: number) => number }) {
    this.#math = math;
  }

  /** One sample; of equal logits the first counts as the prediction. */
  add(logits: Float64Array, label: number): void {
    const { exp, log } = this.#math;
    const top = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + exp(logit - top), 0);
    const confidence = 1 / sum;
    const correct = logits.indexOf(top) === label ? 1 : 0;
    this.#samples++;
    this.#correct += correct;
    this.#loss -= log(Math.max(1e-300, exp(logits[label] - top) / sum));
    this.#gaps[Math.min(BINS, Math.ceil(confidence * BINS)) - 1] += correct - confidence;
  }

  result(): Quality {
    const share = (total: number): number => total / this.#samples;
    return {
      accuracy: share(this.#correct),
      loss: share(this.#loss),
      calibrationError: share(this.#gaps.reduce((total, gap) => total + Math.abs(gap), 0)),
    };
  }
}
