/**
 * A network as a list of layers: a description, built by the trainer.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import type { Layer } from './layer.js';

const STAGES: readonly Layer['stage'][] = ['product', 'reshape', 'pool', 'norm', 'activation'];

export interface Sequential {
  readonly name: string;
  readonly layers: readonly Layer[];
}

/** Layers one after the other, lists of them (`rprelu()`) as their layers; the last one's output is the logits, so it has as many outputs as there are classes. */
export function sequential(given: readonly (Layer | readonly Layer[])[], options: { name?: string } = {}): Sequential {
  const layers: Layer[] = Array.isArray(given) ? given.flat() : [];
  if (layers.length === 0) throw argumentError('sequential: layers', given, 'at least one layer');
  layers.forEach((layer, index) => {
    if (!STAGES.includes((layer as Layer | null)?.stage as Layer['stage']))
      throw argumentError(`sequential: layer ${index}`, layer, 'a layer such as conv2d(64, { kernelSize: 3 })');
  });
  return { name: options.name ?? 'sequential', layers };
}
