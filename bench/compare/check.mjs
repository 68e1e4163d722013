// Whether what a peer computed is right, before it is timed: products and logits of the f32 net against the plain definition, logits of the 1-bit net
// against each other, training by its loss.
import { convolution3x3, normalised, pixels, product, signs, thresholds } from './data.mjs';
import { CLASSES, vggLogits } from './nets.mjs';

function sums({ kind, size, cin, cout, M, N, K }) {
  if (kind === 'gemm') return product(signs(M * K, 1), signs(N * K, 2), M, N, K);
  return convolution3x3(signs(size * size * cin, 1), signs(cout * 9 * cin, 2), size, cin, cout);
}

/** Checks the outputs of one task. */
export class Checker {
  #task;
  #expected = new Map();

  constructor(task) {
    this.#task = task;
  }

  /** Throws unless `output` is what `check` ('sums', 'signs', 'f32 logits', '1-bit logits', 'finite logits') says it must be. */
  check(check, output) {
    if (check === 'finite logits') {
      // Random weights of its own: there is nothing to compare with.
      if (output.length !== CLASSES || !output.every(Number.isFinite))
        throw new Error(`wrong result: ${output}, expected ${CLASSES} numbers`);
      return;
    }
    if (!this.#expected.has(check)) this.#expected.set(check, this.#expect(check, output));
    const expected = this.#expected.get(check);
    // Sums of ±1 are exact in f32; f32 logits differ by rounding, relative to the greatest.
    const scale = check === 'f32 logits' ? 1e-3 * expected.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) : 0;
    if (check === 'f32 logits') output = output.slice(0, expected.length);
    if (output.length !== expected.length) throw new Error(`wrong result: got ${output.length} numbers, expected ${expected.length}`);
    const bad = expected.findIndex((value, i) => !(Math.abs(output[i] - value) <= scale));
    if (bad !== -1) throw new Error(`wrong result: number ${bad} is ${output[bad]}, expected ${expected[bad]}`);
  }

  #expect(check, output) {
    const task = this.#task;
    if (check === 'sums') return sums(task);
    if (check === 'signs') {
      const t = thresholds(task.cout);
      return sums(task).map((value, i) => (value < t[i % task.cout] ? -1 : 1));
    }
    if (check === 'f32 logits') return vggLogits(normalised(pixels(task.imageSize, 600)));
    return output; // '1-bit logits': the first one stands, all others must give the same bits
  }
}

/** Throws unless training brought the loss down from that of the first step. */
export function checkLoss(first, last, steps) {
  if (!Number.isFinite(last) || (steps > 1 && last >= first))
    throw new Error(`does not train: the loss went from ${first} to ${last} in ${steps} steps on one batch`);
}
