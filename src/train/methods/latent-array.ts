/**
 * Arrays in the layout of the latent weights, f32 [ceil(cout / 32)][tap][cin][32]: how they start, and their spare lanes.
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { Runtime } from '../../core/runtime.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { MethodContext, NamedBuffer, NamedCounter } from '../method.js';
import type { Filters, OptimizerState } from '../optimizers/optimizer.js';

/** Normal numbers of a variance that signs keep from layer to layer: 2 / (fan-in + fan-out) (Glorot and Bengio, 2010). */
export function xavierNormal(context: MethodContext, parameter: BinaryParameter, data: number): void {
  const { shape, name, elements } = parameter;
  const deviation = Math.sqrt(2 / ((shape.cin + shape.cout) * shape.kernelHeight * shape.kernelWidth));
  context.runtime.normal(data, elements, deviation, { seed: context.seed, purpose: purposeId(`init/${name}`), step: 0 });
  clearSpare(context.runtime, parameter, data);
}

export function filtersOf({ shape }: BinaryParameter): Filters {
  return { cout: shape.cout, rows: shape.kernelHeight * shape.kernelWidth * shape.cin };
}

/** Zeroes the spare lanes of an array in the common layout, so that they count as +1 and never move. */
export function clearSpare(runtime: Runtime, { shape, elements }: BinaryParameter, data: number): void {
  const used = shape.cout & 31;
  if (used === 0) return;
  const first = (shape.cout >> 5) * shape.kernelHeight * shape.kernelWidth * shape.cin * 32;
  const tile = runtime.arena.f32(data + first * 4, elements - first);
  for (let row = 0; row < tile.length; row += 32) tile.fill(0, row + used, row + 32);
}

/** What an optimizer adds to a checkpoint, under the name of its array. */
export function optimizerState(name: string, state: OptimizerState): { buffers: NamedBuffer[]; counters: NamedCounter[] } {
  const steps: NamedCounter = {
    name: `${name}.steps`,
    get: () => state.steps,
    set: (count) => {
      state.steps = count;
    },
  };
  return { buffers: state.buffers().map((buffer) => ({ ...buffer, name: `${name}.${buffer.name}` })), counters: [steps] };
}
