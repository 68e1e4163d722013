/**
 * The profile of a training run: milliseconds per layer and kernel, and what they reach.
 *
 * @module
 */
import { Profiler, type ProfilerRow } from '../core/profiler.js';
import { alignTable } from '../core/table.js';
import type { Step } from '../nn/layer.js';

export interface ProfileRow {
  layer: string;
  phase: string;
  kernel: string;
  /** Milliseconds per training step. */
  ms: number;
  /** Reached 10^9 multiply-accumulates per second; undefined for kernels that multiply no weights. */
  gmacs?: number;
}

export interface Profile {
  threads: number;
  /** Training steps that were measured. */
  steps: number;
  /** Milliseconds per step, and those of them outside of kernels: constants per channel, loading, pauses. */
  msPerStep: number;
  otherMs: number;
  /** Share of the multiply-accumulates of forward pass, weight gradient and input gradient that are done in integers, 0..1. */
  integerShare: number;
  rows: ProfileRow[];
}

/** Kernels of a product: as many multiply-accumulates as its forward pass. */
const PRODUCT = /^conv2d_/;

/** Sums up the training steps of a run. */
export class StepProfile {
  readonly profiler: Profiler = new Profiler();
  readonly #macs: ReadonlyMap<string, number>;
  readonly #threads: number;
  #steps = 0;
  #ms = 0;
  #images = 0;

  constructor(steps: readonly Step[], threads: number) {
    this.#macs = new Map(steps.map(({ name, macs }) => [name, macs]));
    this.#threads = threads;
  }

  /** One more step of `images` that took `ms` in all. */
  add(ms: number, images: number): void {
    this.#steps++;
    this.#ms += ms;
    this.#images += images;
  }

  /** Of the steps since the last call. */
  take(): Profile {
    const measured = this.profiler.take();
    const steps = Math.max(1, this.#steps);
    const macs = ({ kernel, layer }: ProfilerRow): number => (PRODUCT.test(kernel) ? (this.#macs.get(layer) ?? 0) * this.#images : 0);
    const rows = measured.map((row): ProfileRow => {
      const work = macs(row);
      const { layer, phase, kernel, ms } = row;
      return { layer, phase, kernel, ms: ms / steps, ...(work > 0 ? { gmacs: work / ms / 1e6 } : {}) };
    });
    const all = measured.reduce((sum, row) => sum + macs(row), 0);
    const integer = measured.reduce((sum, row) => sum + (row.kernel.includes('f32') ? 0 : macs(row)), 0);
    const inKernels = measured.reduce((sum, { ms }) => sum + ms, 0);
    const profile = {
      threads: this.#threads,
      steps: this.#steps,
      msPerStep: this.#ms / steps,
      otherMs: (this.#ms - inKernels) / steps,
      integerShare: all > 0 ? integer / all : 0,
      rows,
    };
    [this.#steps, this.#ms, this.#images] = [0, 0, 0];
    return profile;
  }
}

/** What `train` takes as `profile`. */
export interface Profiling {
  /** @internal */
  start(steps: readonly Step[], threads: number): StepProfile;
}

/** Measures where the time of training steps goes. */
export function profiler(): Profiling {
  return { start: (steps, threads) => new StepProfile(steps, threads) };
}

/** As a table, one row for each layer, phase and kernel. */
export function profileText(profile: Profile): string {
  const { threads, steps, msPerStep, otherMs, integerShare, rows } = profile;
  const share = (ms: number): string => `${((100 * ms) / msPerStep).toFixed(1)} %`;
  const table = alignTable(
    [
      ['layer', 'phase', 'kernel', 'ms', 'share', 'GMAC/s'],
      ...rows.map(({ layer, phase, kernel, ms, gmacs }) => [layer, phase, kernel, ms.toFixed(2), share(ms), gmacs?.toFixed(0) ?? '']),
      ['other', '', '', otherMs.toFixed(2), share(otherMs), ''],
      ['step', '', '', msPerStep.toFixed(2), '', ''],
    ],
    3,
  );
  const head = `profile of ${steps} training steps on ${threads} thread${threads === 1 ? '' : 's'}; ${(100 * integerShare).toFixed(1)} % of the multiply-accumulates in integers`;
  return [head, '', ...table].join('\n');
}
