/**
 * The memory of a training configuration, known before anything is built: the network and the states behind it, laid out on paper.
 *
 * @module
 */
import type { Allocation, MemoryUse } from '../core/arena.js';
import { BitgaussError } from '../core/errors.js';
import { formatBytes } from '../core/format-bytes.js';
import { Runtime } from '../core/runtime.js';
import { Network } from '../nn/network.js';
import type { SessionOptions } from './session.js';
import { MAX_THREADS } from './threads.js';

/** In the order of reports. */
export const MEMORY_USES: readonly MemoryUse[] = ['parameters', 'gradients', 'optimizer', 'activations', 'workspace', 'data'];

/** Bytes per use, and their sum. */
export type MemoryFigures = Record<MemoryUse | 'total', number>;

export interface MemoryPlan {
  /** By step: all that belongs to one step alone, the states behind its parameters included. */
  steps: { name: string; memory: MemoryFigures }[];
  /** The batch, the images as f32, and the workspaces that steps reuse. */
  shared: MemoryFigures;
  /** Of the steps and what they share: exactly what the session will allocate. */
  total: MemoryFigures;
  /** Whether wasm32 can hold it. */
  fits: boolean;
  /** As it would be built. There is no memory behind it, so it cannot run. */
  network: Network;
}

export type PlanOptions = Omit<SessionOptions, 'seed' | 'runtime' | 'threads' | 'pace'>;

/** wasm32 addresses, less two pages for the binary's own data and for what kernels read past the last buffer, and one for the workspace of each thread. */
const LIMIT = 2 ** 32 - (2 + MAX_THREADS) * 65536;

/** Lays out a session as `TrainingSession` would, of any size. Throws where layers do not fit together. */
export function planMemory(options: PlanOptions): MemoryPlan {
  const { model, input, classes, batchSize, gradients, logGradients, method, optimizer, realOptimizer } = options;
  const runtime = Runtime.planning();
  const { arena } = runtime;
  const { scaled: scaledWeights, realWeights, products } = method;
  const network = new Network(model, input, classes, {
    runtime,
    batchSize,
    gradients,
    logGradients,
    scaledWeights,
    realWeights,
    products,
    seed: 0,
  });
  for (const parameter of network.binaryParameters) {
    arena.attribute(parameter.owner, () => method.init(parameter, { runtime, seed: 0, optimizer, trainingSamples: 1, stepsPerEpoch: 1 }));
  }
  for (const { name, owner, data, size } of network.realParameters) {
    arena.attribute(owner, () => realOptimizer.init(runtime, { name, data, elements: Math.ceil(size / 4) * 4 }));
  }
  options.clipNorm?.create(runtime, network);
  const of = (owner: string): MemoryFigures => memoryFigures(arena.allocations.filter((allocation) => allocation.owner === owner));
  const steps = network.steps.map(({ name }) => ({ name, memory: of(name) }));
  const total = memoryFigures(arena.allocations);
  return { steps, shared: of(''), total, fits: total.total <= LIMIT, network };
}

/** The plan, if it fits in the 4 GiB of wasm32. Else throws with what the whole needs, its largest parts and the fix. */
export function requireMemory(options: PlanOptions): MemoryPlan {
  const plan = planMemory(options);
  if (plan.fits) return plan;
  const largest = [...MEMORY_USES].sort((a, b) => plan.total[b] - plan.total[a]).slice(0, 3);
  const parts = largest.map((use) => `${use} ${formatBytes(plan.total[use])}`);
  const step = plan.steps.reduce((most, next) => (next.memory.total > most.memory.total ? next : most));
  throw new BitgaussError(
    'unsupported',
    `memory: this configuration needs ${formatBytes(plan.total.total)}, more than the 4 GiB of wasm32: ${parts.join(', ')}; the largest layer is ` +
      `${step.name} with ${formatBytes(step.memory.total)}; ${remedy(options)}`,
  );
}

export function memoryFigures(allocations: readonly Allocation[]): MemoryFigures {
  const figures: MemoryFigures = { parameters: 0, gradients: 0, optimizer: 0, activations: 0, workspace: 0, data: 0, total: 0 };
  for (const { use, bytes } of allocations) {
    figures[use] += bytes;
    figures.total += bytes;
  }
  return figures;
}

/** A batch that fits, found by halving; else what is left to change. */
function remedy(options: PlanOptions): string {
  for (let groups = Math.ceil(options.batchSize / 64) >> 1; groups > 0; groups >>= 1) {
    const batchSize = groups * 64;
    const { fits, total } = planMemory({ ...options, batchSize });
    if (fits) return `use a smaller batch (${batchSize} needs ${formatBytes(total.total)}) or a smaller network`;
  }
  return 'no batch is small enough: use a smaller network, or a method or an optimizer that keeps less behind a weight';
}
