/**
 * What a thread of the pool runs. A text, because every bundler and host can start a thread from one; it is a whole program of its own.
 *
 * @module
 */

/**
 * The control block: words of 32 bits, those that threads write on cache lines of their own, then the parameters of the job in f64.
 * `open`: number of the job that may be worked on, 0 when there is none. `latest`: number of the newest job; threads sleep on it.
 */
export const CONTROL = {
  open: 0,
  latest: 16,
  next: 32,
  active: 48,
  kernel: 64,
  items: 65,
  chunk: 66,
  count: 67,
  failed: 68,
  words: 80,
  parameters: 320,
  maxParameters: 32,
  bytes: 576,
} as const;

/** Rounds of looking before a thread sleeps: some 50 microseconds, longer than the pauses between two kernels of a step. */
export const SPINS = 10000;

/** What a thread is given. */
export interface ThreadData {
  modules: readonly WebAssembly.Module[];
  memory: WebAssembly.Memory;
  /** Pointers. */
  control: number;
  scratch: number;
  /** Exports, in the order in which jobs number them. */
  kernels: readonly string[];
}

/** What a thread says: that it has begun, or that a kernel threw. */
export type ThreadMessage = { ready: true } | { failure: string };

/**
 * A function of (data: ThreadData, post: (message: ThreadMessage) => void).
 *
 * A thread counts itself as active BEFORE it looks whether a job is open, and the pool closes a job BEFORE it looks whether anybody is active: so
 * either the thread sees the job closed, or the pool sees the thread. Threads that wake up late are not waited for.
 */
export const WORKER_SOURCE: string = `async (data, post) => {
  const instances = await Promise.all(data.modules.map((module) => WebAssembly.instantiate(module, { env: { memory: data.memory } })));
  const exports = Object.assign({}, ...instances.map((instance) => instance.exports));
  const kernels = data.kernels.map((name) => exports[name]);
  const words = new Int32Array(data.memory.buffer, data.control, ${CONTROL.words});
  const numbers = new Float64Array(data.memory.buffer, data.control + ${CONTROL.parameters}, ${CONTROL.maxParameters});
  post({ ready: true });
  for (let seen = 0; ; ) {
    for (let spins = ${SPINS}; Atomics.load(words, ${CONTROL.latest}) === seen; ) {
      if (spins > 0) spins--;
      else Atomics.wait(words, ${CONTROL.latest}, seen);
    }
    seen = Atomics.load(words, ${CONTROL.latest});
    Atomics.add(words, ${CONTROL.active}, 1);
    try {
      if (Atomics.load(words, ${CONTROL.open}) !== 0) {
        const kernel = kernels[words[${CONTROL.kernel}]];
        const items = words[${CONTROL.items}];
        const chunk = words[${CONTROL.chunk}];
        const parameters = [data.scratch, ...numbers.subarray(0, words[${CONTROL.count}])];
        while (Atomics.load(words, ${CONTROL.open}) !== 0) {
          const begin = Atomics.add(words, ${CONTROL.next}, chunk);
          if (begin >= items) break;
          kernel(...parameters, begin, Math.min(items, begin + chunk));
        }
      }
    } catch (error) {
      Atomics.store(words, ${CONTROL.failed}, 1);
      post({ failure: String(error) });
    }
    Atomics.sub(words, ${CONTROL.active}, 1);
    Atomics.notify(words, ${CONTROL.active});
  }
}`;
