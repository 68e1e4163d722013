/**
 * Keeps a long computation polite: at the latest every 50 ms it lets timers, signals and input have their turn.
 *
 * @module
 */
import { platform } from '#platform';

/**
 * Pieces of work take up to about 20 ms, so that turns end within 50. One draw, one update and the start of one layer's latent weights are pieces, too:
 * above some ten million latent numbers in a layer they take longer.
 */
const INTERVAL_MS = 25;

export class Pace {
  #last: number = performance.now();
  readonly #signal: AbortSignal | undefined;
  readonly #between: (() => void) | undefined;

  /** `between`: a small piece of other work, done after each piece of `run`. */
  constructor(signal?: AbortSignal, between?: () => void) {
    this.#signal = signal;
    this.#between = between;
  }

  /** Runs the pieces of `work`, pausing between two of them when it is time; throws the signal's reason when it aborts. Returns what `work` returns. */
  async run<T>(work: Generator<void, T, void>): Promise<T> {
    try {
      for (;;) {
        const { done, value } = work.next();
        if (done) return value as T;
        this.#between?.();
        await this.pause();
      }
    } finally {
      work.return(undefined as T); // aborted: no thread works on after this
    }
  }

  async pause(): Promise<void> {
    if (performance.now() - this.#last < INTERVAL_MS) return;
    await platform.macrotask();
    this.#last = performance.now();
    this.#signal?.throwIfAborted();
  }
}
