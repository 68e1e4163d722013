/**
 * One instance of the training binary with its memory: allocates buffers and runs kernels over their work items.
 *
 * @module
 */
import type { ModuleSource } from '../wasm/binary.js';
import type { KernelSet } from '../wasm/kernel-set.js';
import { Kernels, SCRATCH_BYTES, type Split } from '../wasm/kernels.js';
import { instantiateTraining } from '../wasm/training.js';
import { Arena } from './arena.js';
import { type KernelRunner, SerialRunner } from './kernel-runner.js';
import { PlanningArena } from './planning-arena.js';
import { Pool, poolBytes } from './pool.js';
import type { Profiler } from './profiler.js';
import { seedKey } from './random.js';

export interface RuntimeOptions {
  /** How calls are cut, on one thread; for tests. */
  split?: Split;
  /** 1 (default) to 64; more than one where the host can share memory between threads. */
  threads?: number;
  /** `bitgauss/wasm/training.wasm`: a module, its bytes or a response, or a promise of one. Default: the one that comes with the package. */
  module?: ModuleSource | PromiseLike<ModuleSource>;
  /** Further kernels that will be run. Default: none. */
  sets?: readonly KernelSet[];
}

export class Runtime {
  readonly arena: Arena;
  /** exp, log and cos(2 pi u) that give the same bits on every host. */
  readonly math: { exp: (x: number) => number; log: (x: number) => number; cosTurn: (u: number) => number };
  readonly threads: number;
  /** Hears of every call while it is set. */
  profiler: Profiler | undefined;
  readonly #runner: KernelRunner & { stop?(): Promise<void> };

  private constructor(arena: Arena, runner: KernelRunner & { stop?(): Promise<void> }, math: Runtime['math'], threads: number) {
    this.arena = arena;
    this.#runner = runner;
    this.math = math;
    this.threads = threads;
  }

  /** Throws with code 'unsupported' where threads are asked for and cannot be had. */
  static async create(options: RuntimeOptions = {}): Promise<Runtime> {
    const { split, threads = 1, sets = [] } = options;
    const pooled = threads > 1 && split === undefined;
    const { exports, modules, memory } = await instantiateTraining(options.module, { pages: 16 + threads, shared: pooled, sets });
    const start = Math.max(...exports.map(({ heapBase }) => Math.ceil(((heapBase as WebAssembly.Global).value >>> 0) / 64) * 64));
    const arena = new Arena(memory, start + (pooled ? poolBytes(threads) : 0));
    const kernels = new Kernels(exports, arena.allocate(SCRATCH_BYTES, 'workspace'), split);
    const runner = pooled ? await Pool.start(kernels, modules, memory, start, threads) : new SerialRunner(kernels);
    const [{ math_exp: exp, math_log: log, math_cos_turn: cosTurn }] = exports as unknown as Record<string, (x: number) => number>[];
    const math = { exp, log, cosTurn };
    return new Runtime(arena, runner, math, threads);
  }

  /** A runtime on paper: buffers have addresses, but there is no memory behind them, kernels do nothing, and `math` returns 0. */
  static planning(): Runtime {
    const arena = new PlanningArena();
    arena.allocate(SCRATCH_BYTES, 'workspace');
    const zero = (): number => 0;
    return new Runtime(arena, { run() {}, *pieces() {} }, { exp: zero, log: zero, cosTurn: zero }, 1);
  }

  /** Runs kernel `name` over its work items [0, items). Parameters: pointers, then sizes, as its assembly file says. */
  run(name: string, items: number, ...parameters: number[]): void {
    if (this.profiler === undefined) this.#runner.run(name, items, parameters);
    else this.profiler.run(name, () => this.#runner.run(name, items, parameters));
  }

  /**
   * The same in pieces of about 10 ms, so that a long call can be interrupted between them: run the generator to its end.
   * How the items are cut depends on the clock; the result does not.
   */
  pieces(name: string, items: number, ...parameters: number[]): Generator<void, void, void> {
    const work = this.#runner.pieces(name, items, parameters);
    return this.profiler === undefined ? work : this.profiler.pieces(name, work);
  }

  /** Ends the threads; from now on everything runs on this one. */
  async stop(): Promise<void> {
    await this.#runner.stop?.();
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
