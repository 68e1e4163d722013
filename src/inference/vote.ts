/**
 * The vote of an ensemble: the logits of its members are added up, and the class with the greatest sum is the label.
 *
 * When is the vote settled? After m of L members, let d be the m differences between the logits of the leading class and those of a rival,
 * with mean and variance s^2 = sum (d - mean)^2 / (m - 1). If the differences are normal, the sum over all L members is distributed as
 *
 *     L mean + s sqrt((L - m) L / m) T,    T of Student's t with m - 1 degrees of freedom,
 *
 * so the rival overtakes with probability P(T > mean / s sqrt(L m / (L - m))). The vote is settled where these probabilities, summed over
 * all rivals (which bounds the probability that any of them overtakes), are at most 1 - until. The claim is about what is known when the vote
 * ends. Of classes that are all but tied, the many looks add up: simulated, 3 (1 - until) of such images end otherwise than all members would.
 *
 * @module
 */
import { argmax } from '../core/argmax.js';
import { upperTail } from './student-t.js';

/** Two members often agree by chance, and one difference says next to nothing about a variance. */
const MIN_MEMBERS = 3;

export class Vote {
  readonly #total: number;
  readonly #sums: Float64Array;
  readonly #logits: Float32Array[] = [];

  /** `total` members may vote. */
  constructor(classes: number, total: number) {
    this.#total = total;
    this.#sums = new Float64Array(classes).fill(-0); // the sum of one is the one, -0 included
  }

  /** Takes the logits of the next member. */
  add(logits: Float32Array): void {
    this.#logits.push(logits);
    for (let c = 0; c < logits.length; c++) this.#sums[c] += logits[c];
  }

  /** Members that have voted. */
  get members(): number {
    return this.#logits.length;
  }

  /** The class with the greatest sum, the first of equals. */
  get label(): number {
    return argmax(this.#sums, 0, this.#sums.length);
  }

  /** The mean of the members' logits: added in float64 in their order, rounded once. */
  get mean(): Float32Array {
    return Float32Array.from(this.#sums, (sum) => sum / this.members);
  }

  /** Whether all members have voted, or the label stays what it is with probability `until` or more. */
  isSettled(until: number): boolean {
    if (this.members === this.#total) return true;
    if (this.members < MIN_MEMBERS) return false;
    const { label } = this;
    let risk = 0;
    for (let c = 0; c < this.#sums.length; c++) {
      if (c !== label) risk += this.#overtakes(c, label);
      if (risk > 1 - until) return false;
    }
    return true;
  }

  /** The probability that class `rival` overtakes class `leader`. */
  #overtakes(rival: number, leader: number): number {
    const m = this.members;
    const mean = (this.#sums[leader] - this.#sums[rival]) / m;
    let squares = 0;
    for (const logits of this.#logits) {
      const deviation = logits[leader] - logits[rival] - mean;
      squares += deviation * deviation;
    }
    const s = Math.sqrt(squares / (m - 1));
    if (s === 0) return mean > 0 ? 0 : 1;
    return upperTail((mean / s) * Math.sqrt((this.#total * m) / (this.#total - m)), m - 1);
  }
}
