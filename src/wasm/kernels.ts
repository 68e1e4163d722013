/**
 * What the instances of the training and the inference binary have in common: scratch memory and kernels that run over work items.
 *
 * @module
 */
/** Scratch memory that a training kernel may overwrite: lookup tables, patches, tiles, and the int16 sums of an int8 weight gradient (144 KiB). */
export const SCRATCH_BYTES = 196608;
/** The same for inference kernels. */
export const INFERENCE_SCRATCH_BYTES = 65536;

/** Cuts the work items of a call into ranges, for tests; the default is one range. Any cut gives the same bits. */
export type Split = (items: number) => readonly (readonly [number, number])[];

type Kernel = (...parameters: number[]) => void;

/** The kernels of one instance. The first parameter of each is `scratch`, the last two are the range of items. */
export class Kernels {
  readonly #exports: Record<string, Kernel>;
  readonly #scratch: number;
  readonly #split: Split | undefined;

  constructor(instance: WebAssembly.Instance, scratch: number, split: Split | undefined) {
    this.#exports = instance.exports as Record<string, Kernel>;
    this.#scratch = scratch;
    this.#split = split;
  }

  /** Runs kernel `name` over the items [0, items). */
  run(name: string, items: number, parameters: readonly number[]): void {
    const ranges = this.#split?.(items) ?? [[0, items]];
    for (const [begin, end] of ranges) this.#exports[name](this.#scratch, ...parameters, begin, end);
  }

  /** The same in pieces of about 10 ms, cut by the clock; a given split stays one piece. */
  *pieces(name: string, items: number, parameters: readonly number[]): Generator<void, void, void> {
    if (this.#split !== undefined) {
      this.run(name, items, parameters);
      return;
    }
    let count = 1;
    for (let begin = 0; begin < items; ) {
      const end = Math.min(items, begin + count);
      const start = performance.now();
      this.#exports[name](this.#scratch, ...parameters, begin, end);
      const ms = performance.now() - start;
      if (ms < 5) count *= 2;
      else if (ms > 20) count = Math.max(1, count >> 1);
      begin = end;
      if (begin < items) yield;
    }
  }
}
