/**
 * One instance of the training binary with its memory: allocates buffers and runs kernels over their work items.
 *
 * @module
 */
import base64 from '#wasm/training';
import { embeddedModule } from '../wasm/binary.js';
import { Kernels, SCRATCH_BYTES, type Split } from '../wasm/kernels.js';
import { Arena } from './arena.js';
import { PlanningArena } from './planning-arena.js';
import { seedKey } from './random.js';

export interface RuntimeOptions {
  split?: Split;
}

export class Runtime {
  readonly arena: Arena;
  /** exp, log and cos(2 pi u) that give the same bits on every host. */
  readonly math: { exp: (x: number) => number; log: (x: number) => number; cosTurn: (u: number) => number };
  readonly #kernels: Pick<Kernels, 'run' | 'pieces'>;

  private constructor(arena: Arena, kernels: Pick<Kernels, 'run' | 'pieces'>, math: Runtime['math']) {
    this.arena = arena;
    this.#kernels = kernels;
    this.math = math;
  }

  static async create(options: RuntimeOptions = {}): Promise<Runtime> {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
    const module = await embeddedModule(base64);
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    const exports = instance.exports as Record<string, unknown>;
    const arena = new Arena(memory, (exports.heapBase as WebAssembly.Global).value >>> 0);
    return new Runtime(arena, new Kernels(instance, arena.allocate(SCRATCH_BYTES, 'workspace'), options.split), {
      exp: exports.math_exp as (x: number) => number,
      log: exports.math_log as (x: number) => number,
      cosTurn: exports.math_cos_turn as (u: number) => number,
    });
  }

  /** A runtime on paper: buffers have addresses, but there is no memory behind them, kernels do nothing, and `math` returns 0. */
  static planning(): Runtime {
    const arena = new PlanningArena();
    arena.allocate(SCRATCH_BYTES, 'workspace');
    const zero = (): number => 0;
    return new Runtime(arena, { run() {}, *pieces() {} }, { exp: zero, log: zero, cosTurn: zero });
  }

  /** Runs kernel `name` over its work items [0, items). Parameters: pointers, then sizes, as its assembly file says. */
  run(name: string, items: number, ...parameters: number[]): void {
    this.#kernels.run(name, items, parameters);
  }

  /**
   * The same in pieces of about 10 ms, so that a long call can be interrupted between them: run the generator to its end.
   * How the items are cut depends on the clock; the result does not.
   */
  pieces(name: string, items: number, ...parameters: number[]): Generator<void, void, void> {
    return this.#kernels.pieces(name, items, parameters);
  }

  /** Normal numbers of standard deviation `scale` from stream (seed, purpose, step), f32 [count]; count is rounded up to 4. */
  normal(pointer: number, count: number, scale: number, stream: { seed: number; purpose: number; step: number }): void {
    const [key0, key1] = seedKey(stream.seed);
    this.run('random_normal_f32', Math.ceil(count / 4096), pointer, key0, key1, stream.purpose, stream.step, scale, count);
  }

  /** Uniform numbers in [low, high]; high itself only by rounding to f32. */
  uniform(pointer: number, count: number, low: number, high: number, stream: { seed: number; purpose: number; step: number }): void {
    const [key0, key1] = seedKey(stream.seed);
    this.run('random_uniform_f32', Math.ceil(count / 4096), pointer, key0, key1, stream.purpose, stream.step, low, high, count);
  }
}
