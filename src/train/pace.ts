/**
 * Keeps a long computation polite: at the latest every 50 ms it lets timers, signals and input have their turn.
 *
 * @module
 */
import { platform } from '#platform';

const INTERVAL_MS = 50;

export class Pace {
  #last: number = performance.now();
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Runs the pieces of `work`, pausing between two of them when 50 ms have passed; throws the signal's reason when it aborts. */
  async run(work: Iterable<void>): Promise<void> {
    for (const _ of work) await this.pause();
  }

  async pause(): Promise<void> {
    if (performance.now() - this.#last < INTERVAL_MS) return;
    await platform.macrotask();
    this.#last = performance.now();
    this.#signal?.throwIfAborted();
  }
}
