/**
 * The signs in a binary parameter's words: which draw they hold, and what is counted of them. Every state keeps one.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { Draw, NamedCounter, SignCounts } from '../method.js';

export class SignWords {
  readonly #parameter: BinaryParameter;
  readonly #runtime: Runtime;
  /** Whether training draws differ from the mode. */
  readonly #noisy: boolean;
  readonly #mode: number;
  readonly #counters: number;
  #counts: SignCounts = { flips: 0, updates: 0, differing: 0, draws: 0 };
  /** Signs of a training draw made ahead that differ from the mode's; counted when it is asked for. */
  #ahead: number | undefined;
  /** Whether `mode` holds the signs of before the last update. */
  #packed = false;
  #drawn = '';

  constructor(parameter: BinaryParameter, runtime: Runtime, noisy: boolean) {
    this.#parameter = parameter;
    this.#runtime = runtime;
    this.#noisy = noisy;
    this.#mode = runtime.arena.allocate(parameter.wordTBytes, 'optimizer');
    this.#counters = runtime.arena.allocate(parameter.blocks * 8, 'optimizer');
  }

  /** What every sampling kernel takes, over `parameter.blocks` items: words, wordsT, mode, counts, cin, cout, taps. */
  get operands(): number[] {
    const { words, wordsT, shape } = this.#parameter;
    return [words, wordsT, this.#mode, this.#counters, shape.cin, shape.cout, shape.kernelHeight * shape.kernelWidth];
  }

  /** Packs the signs of `values`, f32 in the common layout, plus those of `z` times the number at `noise`, if there is noise. */
  pack(values: number, z: number = values, noise: number = 0): void {
    const { blocks } = this.#parameter;
    this.#runtime.run('sample_vispa', blocks, values, z, noise, ...this.operands, noise === 0 ? 0 : 1);
  }

  /** Whether the words hold this draw; then it is counted. */
  holds(draw: Draw): boolean {
    const held = keyOf(draw) === this.#drawn;
    if (held && this.#ahead !== undefined) this.#countDraw(draw, this.#ahead);
    this.#ahead = undefined;
    return held;
  }

  /** A kernel has written this draw. */
  wrote(draw: Draw): void {
    this.#drawn = keyOf(draw);
    this.#countDraw(draw, this.#countSigns());
  }

  /** A kernel has written a draw that is not asked for yet. */
  wroteAhead(draw: Draw): void {
    this.#drawn = keyOf(draw);
    this.#ahead = this.#countSigns();
  }

  /** There was an update: the words are those of other weights. */
  outdate(): void {
    this.#drawn = '';
    this.#counts.updates++;
  }

  invalidate(): void {
    this.#drawn = '';
    this.#ahead = undefined;
    this.#packed = false;
  }

  readCounts(): SignCounts {
    const counts = this.#counts;
    this.#counts = { flips: 0, updates: 0, differing: 0, draws: 0 };
    return counts;
  }

  counters(): NamedCounter[] {
    return (['flips', 'updates', 'differing', 'draws'] as const).map((key) => ({
      name: `${this.#parameter.name}.${key}`,
      get: () => this.#counts[key],
      set: (count) => {
        this.#counts[key] = count;
      },
    }));
  }

  /** Counts the flips that the last pass saw. Returns how many signs of its draw differ from the mode's. */
  #countSigns(): number {
    const { blocks } = this.#parameter;
    const counters = this.#runtime.arena.u32(this.#counters, blocks * 2);
    let differing = 0;
    for (let i = 0; i < blocks; i++) {
      if (this.#packed) this.#counts.flips += counters[2 * i];
      differing += counters[2 * i + 1];
    }
    this.#packed = true;
    return differing;
  }

  #countDraw(draw: Draw, differing: number): void {
    if (draw.kind !== 'train') return;
    this.#counts.differing += differing;
    if (this.#noisy) this.#counts.draws++;
  }
}

function keyOf(draw: Draw): string {
  if (draw.kind === 'mode') return 'mode';
  return draw.kind === 'train' ? `train ${draw.step} ${draw.progress}` : `${draw.kind} ${draw.index}`;
}
