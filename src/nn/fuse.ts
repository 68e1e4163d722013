/**
 * Which neighbouring elementwise layers become one block: at most one layer of each stage, in this order. A new block starts where the
 * order is broken; a sign follows where the next product takes bits.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import type { ActivationLayer, ElementwiseLayer, Layer, NormLayer, PoolLayer } from './layer.js';
import type { Surrogate } from './surrogates/surrogate.js';

const ORDER: readonly ElementwiseLayer['stage'][] = ['pool', 'norm', 'activation'];

/** What one block computes: [pool], [norm], [activation], [sign] of its input. */
export interface BlockPlan {
  kind: 'block';
  name: string;
  pool?: PoolLayer;
  norm?: NormLayer;
  activation?: ActivationLayer;
  sign: boolean;
  surrogate?: Surrogate;
}

export interface LayerPlan {
  kind: 'layer';
  name: string;
  layer: Layer;
}

/** What a layer leaves behind, as far as fusing cares: a real tensor, sums that want their scales, or signs. */
type Kind = 'f32' | 'sums' | 'bits';

/** Groups layers into blocks and products. Names: position in the list and type, `3.batchNorm`; a block has the name of its first layer. */
export function fuse(layers: readonly Layer[]): (BlockPlan | LayerPlan)[] {
  const plans: (BlockPlan | LayerPlan)[] = [];
  let kind: Kind = 'f32';
  let open: BlockPlan | undefined;
  for (const [index, layer] of layers.entries()) {
    const name = `${index}.${layer.type}`;
    if (layer.stage === 'product') {
      if (layer.surrogate !== undefined && (layer.input !== 'bits' || typeof layer.surrogate?.line !== 'function'))
        throw argumentError(`${name}.surrogate`, layer.surrogate, 'a surrogate such as ede(), of a layer that takes signs');
      if (layer.input !== kind) {
        // The sign of activations, or the way from integers back to f32, belongs to the block in front, before any reshape.
        if (open === undefined) {
          open = { kind: 'block', name: `${index}.${layer.input === 'bits' ? 'sign' : 'scale'}`, sign: false };
          plans.splice(lastOf(plans, 'reshape'), 0, open);
        }
        open.sign = layer.input === 'bits';
        open.surrogate = layer.surrogate;
      }
      open = undefined;
      kind = layer.input === 'bits' || layer.sums ? 'sums' : 'f32';
      plans.push({ kind: 'layer', name, layer });
    } else if (layer.stage === 'reshape') {
      if (kind === 'sums') {
        open = { kind: 'block', name: `${index}.scale`, sign: false };
        plans.push(open);
        kind = 'f32';
      }
      plans.push({ kind: 'layer', name, layer });
    } else {
      const reshaped = open !== undefined && plans.at(-1) !== open;
      if (open === undefined || reshaped || !fits(open, layer.stage)) {
        open = { kind: 'block', name, sign: false };
        plans.push(open);
      }
      Object.assign(open, { [layer.stage]: layer });
      kind = 'f32';
    }
  }
  if (kind === 'sums') plans.push({ kind: 'block', name: `${layers.length}.scale`, sign: false });
  return plans;
}

/** A stage may join a block that has neither it nor a later one. */
function fits(block: BlockPlan, stage: ElementwiseLayer['stage']): boolean {
  return ORDER.slice(ORDER.indexOf(stage)).every((later) => block[later] === undefined);
}

/** Index in front of the trailing layers of a stage. */
function lastOf(plans: readonly (BlockPlan | LayerPlan)[], stage: Layer['stage']): number {
  let index = plans.length;
  while (index > 0) {
    const plan = plans[index - 1];
    if (plan.kind !== 'layer' || plan.layer.stage !== stage) break;
    index--;
  }
  return index;
}
