/**
 * Which kernel is faster here, for each binary convolution of a model? Both run on a piece of every shape, in turn, again and again, because
 * hosts optimise code that runs often; the best times decide. Where time is up before both have run, or the clock stands still: 'lookup'.
 *
 * Both kernels are exact: timing decides how long a prediction takes, never what it says.
 *
 * @module
 */

import { planes } from './activation.js';
import { BINARY_KERNELS, type BinaryConv, type BinaryKernel, type BinaryPlan, planBinary } from './binary-kernels.js';
import { convGeometry } from './conv-geometry.js';
import type { GraphOp } from './graph.js';
import { blocksOf64 } from './op.js';
import { align64 } from './plan.js';
import type { InferenceRuntime } from './runtime.js';

/** No run begins later, so that all is over after 20 ms even where the last one is slow. */
const BUDGET_MS = 14;
/** For clocks that stand still. */
const MAX_ROUNDS = 32;
/** Multiply-accumulates of a run, about: 0.1 to 0.2 ms, ten times as long where code is not optimised yet. */
const MACS = 2 ** 25;
const CHANNELS = 128;

interface Trial {
  readonly plan: BinaryPlan;
  /** Relative addresses. */
  readonly at: readonly number[];
  best: number;
}

/** The kernel of every operation. `runtime` is a fresh one, `clock` in milliseconds. */
export function chooseKernels(
  ops: readonly GraphOp[],
  runtime: Pick<InferenceRuntime, 'memory' | 'reserve' | 'run'>,
  clock: () => number,
): BinaryKernel[] {
  const start = clock();
  let bytes = 0;
  const place = (size: number): number => {
    bytes += align64(size);
    return bytes - align64(size);
  };
  /** By shape; in the order of BINARY_KERNELS. */
  const shapes = new Map<string, Trial[]>();
  const trialsOf = ops.map(({ conv }): readonly Trial[] => {
    if (conv === undefined) return [];
    const piece = pieceOf(conv);
    const key = JSON.stringify(piece);
    const { input, cout, geometry } = piece;
    const words = geometry.kernelHeight * geometry.kernelWidth * blocksOf64(input.channels) * (cout + 7);
    const trials =
      shapes.get(key) ??
      BINARY_KERNELS.map((kernel) => {
        const plan = planBinary(kernel, piece);
        const at = [words * 8, input.bytes, plan.workspaceBytes, plan.output.bytes].map(place);
        return { plan, at, best: Infinity };
      });
    shapes.set(key, trials);
    return trials;
  });
  const base = runtime.reserve(bytes);
  // Not all the same: weights are addresses of table entries.
  const memory = new Int32Array(runtime.memory.buffer, base, bytes / 4);
  for (let i = 0; i < memory.length; i++) memory[i] = Math.imul(i, 0x9e3779b1);
  for (let round = 0; round < MAX_ROUNDS; round++)
    for (const trial of [...shapes.values()].flat()) {
      const before = clock();
      if (before - start > BUDGET_MS) break;
      const [w, x, workspace, y] = trial.at.map((offset) => base + offset);
      trial.plan.run(runtime.run, { x, y: y + trial.plan.output.offset, constants: [w], workspace });
      trial.best = Math.min(trial.best, clock() - before);
    }
  return trialsOf.map((trials) => {
    const times = trials.map(({ best }) => best);
    return BINARY_KERNELS[Math.max(0, times.indexOf(Math.min(...times)))];
  });
}

/** A piece of about MACS: fewer channels, then fewer rows. */
function pieceOf({ input, cout, geometry }: BinaryConv): BinaryConv {
  const { kernelHeight, kernelWidth, stride, padding, outWidth } = geometry;
  const { height, width, channels } = input;
  const columns = Math.min(cout, CHANNELS);
  const rows = Math.round(MACS / (kernelHeight * kernelWidth * channels * columns * outWidth));
  const pieceHeight = Math.min(height, Math.max(rows * stride, kernelHeight));
  return {
    input: planes('bits', pieceHeight, width, channels),
    cout: columns,
    geometry: convGeometry(pieceHeight, width, kernelHeight, kernelWidth, stride, padding),
  };
}
