/**
 * Threads that share one wasm memory and work on one kernel at a time: whoever is free takes the next few items.
 *
 * @module
 */
import { platform } from '#platform';
import { type Kernels, SCRATCH_BYTES } from '../wasm/kernels.js';
import { BitgaussError } from './errors.js';
import { inPieces, type KernelRunner, SerialRunner } from './kernel-runner.js';
import { CONTROL, SPINS, type ThreadData, type ThreadMessage, WORKER_SOURCE } from './pool-worker.js';

/** Chunks that each thread finds on average: enough to even out, few enough to cost nothing. */
const CHUNKS = 8;
/** Longest silence of a thread, ms. The longest chunk of work takes well below a second. */
const PATIENCE = 60000;

/** Bytes in front of all other memory that a pool of `threads` needs. */
export function poolBytes(threads: number): number {
  return Math.ceil(CONTROL.bytes / 64) * 64 + (threads - 1) * SCRATCH_BYTES;
}

export class Pool implements KernelRunner {
  readonly #kernels: Kernels;
  readonly #serial: SerialRunner;
  readonly #names: readonly string[];
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #width: number;
  #threads: { stop(): Promise<void> }[] = [];
  #failure: string | undefined;

  private constructor(kernels: Kernels, names: readonly string[], memory: WebAssembly.Memory, control: number, width: number) {
    this.#kernels = kernels;
    this.#serial = new SerialRunner(kernels);
    this.#names = names;
    this.#words = new Int32Array(memory.buffer, control, CONTROL.words);
    this.#numbers = new Float64Array(memory.buffer, control + CONTROL.parameters, CONTROL.maxParameters);
    this.#width = width;
  }

  /**
   * `width` threads, this one included. `control`: `poolBytes(width)` of zeroed memory at a multiple of 64. Throws with code 'unsupported' when a
   * thread cannot be started.
   */
  static async start(
    kernels: Kernels,
    modules: readonly WebAssembly.Module[],
    memory: WebAssembly.Memory,
    control: number,
    width: number,
  ): Promise<Pool> {
    const names = modules
      .flatMap((module) => WebAssembly.Module.exports(module))
      .flatMap(({ name, kind }) => (kind === 'function' ? [name] : []));
    const pool = new Pool(kernels, names, memory, control, width);
    const data = (i: number): ThreadData => ({
      modules,
      memory,
      control,
      scratch: control + Math.ceil(CONTROL.bytes / 64) * 64 + i * SCRATCH_BYTES,
      kernels: names,
    });
    try {
      await Promise.all(Array.from({ length: width - 1 }, (_, i) => pool.#start(data(i))));
    } catch (error) {
      await pool.stop();
      throw error;
    }
    return pool;
  }

  run(name: string, items: number, parameters: readonly number[]): void {
    if (items < 2 || this.#threads.length === 0) {
      this.#serial.run(name, items, parameters);
      return;
    }
    const chunk = this.#open(name, items, parameters);
    try {
      for (let begin = this.#take(chunk); begin < items; begin = this.#take(chunk))
        this.#kernels.range(name, parameters, begin, Math.min(items, begin + chunk));
    } finally {
      this.#close();
    }
    this.#requireSound(name);
  }

  *pieces(name: string, items: number, parameters: readonly number[]): Generator<void, void, void> {
    if (items < 2 || this.#threads.length === 0) {
      yield* this.#serial.pieces(name, items, parameters);
      return;
    }
    const chunk = this.#open(name, items, parameters);
    try {
      for (let begin = this.#take(chunk); begin < items; begin = this.#take(chunk)) {
        yield* inPieces(begin, Math.min(items, begin + chunk), (from, to) => this.#kernels.range(name, parameters, from, to));
        yield;
      }
      // The others finish their last items; meanwhile the caller may do something else, and hear of threads that died.
      Atomics.store(this.#words, CONTROL.open, 0);
      while (!this.#idle()) {
        this.#requireSound(name);
        yield;
      }
    } finally {
      this.#close();
    }
    this.#requireSound(name);
  }

  /** Ends the threads; from now on everything runs on this one. */
  async stop(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  #start(data: ThreadData): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (reason: string): void => {
        this.#failure ??= reason;
        reject(new BitgaussError('unsupported', `threads: a thread could not be started (${reason}); use one thread`));
      };
      this.#threads.push(
        platform.startThread(
          WORKER_SOURCE,
          data,
          (message) => {
            const { failure } = message as Partial<Extract<ThreadMessage, { failure: string }>>;
            if (failure === undefined) resolve();
            else failed(failure);
          },
          failed,
        ),
      );
    });
  }

  /** Publishes a job. Returns how many items are taken at a time. */
  #open(name: string, items: number, parameters: readonly number[]): number {
    this.#requireSound(name);
    const words = this.#words;
    const chunk = Math.max(1, Math.floor(items / (this.#width * CHUNKS)));
    this.#numbers.set(parameters);
    words[CONTROL.kernel] = this.#names.indexOf(name);
    words[CONTROL.items] = items;
    words[CONTROL.chunk] = chunk;
    words[CONTROL.count] = parameters.length;
    Atomics.store(words, CONTROL.next, 0);
    const job = (words[CONTROL.latest] + 1) | 0 || 1;
    Atomics.store(words, CONTROL.open, job);
    Atomics.store(words, CONTROL.latest, job);
    Atomics.notify(words, CONTROL.latest);
    return chunk;
  }

  #take(chunk: number): number {
    return Atomics.add(this.#words, CONTROL.next, chunk);
  }

  /** Whether nobody works on the closed job any more; looks for a while. */
  #idle(): boolean {
    for (let spins = SPINS; spins > 0; spins--) if (Atomics.load(this.#words, CONTROL.active) === 0) return true;
    return false;
  }

  /** Closes the job and waits for those who work on it. */
  #close(): void {
    const words = this.#words;
    Atomics.store(words, CONTROL.open, 0);
    const deadline = performance.now() + PATIENCE;
    while (!this.#idle()) {
      if (this.#failure !== undefined || performance.now() > deadline) {
        this.#failure ??= 'it does not answer';
        return;
      }
      Atomics.wait(words, CONTROL.active, Atomics.load(words, CONTROL.active), 100);
    }
  }

  #requireSound(name: string): void {
    if (this.#failure === undefined && Atomics.load(this.#words, CONTROL.failed) === 0) return;
    throw new BitgaussError(
      'unsupported',
      `threads: a thread failed in or before ${name} (${this.#failure ?? 'a kernel trapped'}); this run cannot go on`,
    );
  }
}
