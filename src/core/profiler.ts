/**
 * Where the time of a training step goes: calls and milliseconds per layer, phase and kernel.
 *
 * @module
 */

export interface ProfilerRow {
  /** The layer, or what stands in for one. */
  layer: string;
  phase: string;
  kernel: string;
  calls: number;
  ms: number;
}

export class Profiler {
  #rows: Map<string, ProfilerRow> = new Map();
  #layer = '';
  #phase = '';

  /** What is run from now on belongs to `layer`. */
  enter(layer: string, phase: string): void {
    this.#layer = layer;
    this.#phase = phase;
  }

  run(kernel: string, call: () => void): void {
    const start = performance.now();
    call();
    this.#add(kernel, performance.now() - start);
  }

  /** The same for work in pieces; what the caller does between them does not count. */
  *pieces(kernel: string, work: Generator<void, void, void>): Generator<void, void, void> {
    let ms = 0;
    try {
      for (;;) {
        const start = performance.now();
        const { done } = work.next();
        ms += performance.now() - start;
        if (done) break;
        yield;
      }
    } finally {
      work.return();
    }
    this.#add(kernel, ms);
  }

  /** The rows so far, in the order in which they came up; then it begins anew. */
  take(): ProfilerRow[] {
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    return rows;
  }

  #add(kernel: string, ms: number): void {
    const key = `${this.#layer} ${this.#phase} ${kernel}`;
    const row = this.#rows.get(key) ?? { layer: this.#layer, phase: this.#phase, kernel, calls: 0, ms: 0 };
    row.calls++;
    row.ms += ms;
    this.#rows.set(key, row);
  }
}
