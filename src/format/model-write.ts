/**
 * Writes a model file: safetensors whose metadata says format, version, input, labels, operations and, of an ensemble, its members. Keys have a fixed order; there is no time
 * stamp and no host, so the same network gives the same bytes.
 *
 * @module
 */
import { type WritableTensor, writeSafetensors } from './safetensors-write.js';

export interface WritableModel {
  input: { height: number; width: number; channels: number; mean: number[]; std: number[]; type: 'u8' | 'f32' };
  labels: string[];
  ops: { op: string; [attribute: string]: string | number }[];
  /** Only where the file holds an ensemble. */
  ensemble?: { members: number };
}

export function writeModel(model: WritableModel, tensors: ReadonlyMap<string, WritableTensor>): Uint8Array<ArrayBuffer> {
  const { input, labels, ops, ensemble } = model;
  return writeSafetensors(tensors, {
    format: 'bitgauss',
    version: '1',
    input: JSON.stringify(input),
    labels: JSON.stringify(labels),
    ops: JSON.stringify(ops),
    ...(ensemble === undefined ? {} : { ensemble: JSON.stringify(ensemble) }),
  });
}
