/**
 * Running kernels over their work items: at once or in pieces, on this thread.
 *
 * @module
 */
import type { Kernels } from '../wasm/kernels.js';

/** Runs kernel `name` over the items [0, items). However the items are cut, the bits are the same. */
export interface KernelRunner {
  run(name: string, items: number, parameters: readonly number[]): void;
  /** The same in pieces of about 10 ms: run the generator to its end, or end it with `return`. */
  pieces(name: string, items: number, parameters: readonly number[]): Generator<void, void, void>;
}

/** Cuts [begin, end) by the clock into pieces of about 10 ms, with a yield between two of them. */
export function* inPieces(begin: number, end: number, call: (begin: number, end: number) => void): Generator<void, void, void> {
  let count = 1;
  for (let next = begin; next < end; ) {
    const stop = Math.min(end, next + count);
    const start = performance.now();
    call(next, stop);
    const ms = performance.now() - start;
    if (ms < 5) count *= 2;
    else if (ms > 20) count = Math.max(1, count >> 1);
    next = stop;
    if (next < end) yield;
  }
}

/** On one thread. A given split is run as it is. */
export class SerialRunner implements KernelRunner {
  readonly #kernels: Kernels;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  run(name: string, items: number, parameters: readonly number[]): void {
    this.#kernels.run(name, items, parameters);
  }

  *pieces(name: string, items: number, parameters: readonly number[]): Generator<void, void, void> {
    if (this.#kernels.split !== undefined) this.run(name, items, parameters);
    else yield* inPieces(0, items, (begin, end) => this.#kernels.range(name, parameters, begin, end));
  }
}
