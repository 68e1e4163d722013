/**
 * The kernels of an instance of the training binary, which run over work items, and how much scratch memory they take.
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

/** The kernels of instances with one memory. The first parameter of each is `scratch`, the last two are the range of items. */
export class Kernels {
  readonly #exports: Record<string, Kernel>;
  readonly #scratch: number;
  readonly #split: Split | undefined;

  constructor(exports: readonly WebAssembly.Exports[], scratch: number, split: Split | undefined) {
    this.#exports = Object.assign({}, ...exports);
    this.#scratch = scratch;
    this.#split = split;
  }

  /** How calls are cut, if at all. */
  get split(): Split | undefined {
    return this.#split;
  }

  /** Runs kernel `name` over the items [0, items). */
  run(name: string, items: number, parameters: readonly number[]): void {
    const ranges = this.#split?.(items) ?? [[0, items]];
    for (const [begin, end] of ranges) this.range(name, parameters, begin, end);
  }

  /** Runs it over the items [begin, end). */
  range(name: string, parameters: readonly number[], begin: number, end: number): void {
    this.#exports[name](this.#scratch, ...parameters, begin, end);
  }
}
