/**
 * Writes a trained network as a model file: evaluation mode, binary weights as they are sampled now.
 *
 * @module
 */
import type { ImageShape } from '../data/dataset.js';
import { type WritableModel, writeModel } from '../format/model-write.js';
import type { Lowering } from '../nn/lowering.js';
import type { Network } from '../nn/network.js';

/** What the file says about its input. */
export interface ExportInput {
  shape: ImageShape;
  type: 'u8' | 'f32';
  mean: number[];
  std: number[];
  labels: readonly string[];
}

/** The same network gives the same bytes: no time, host or order of construction is in the file. */
export function exportModel(network: Network, input: ExportInput): Uint8Array<ArrayBuffer> {
  const lowering = network.lower();
  return writeModel(writableModel(lowering, input), lowering.tensors);
}

/** The header of a file with these operations. */
export function writableModel({ ops }: Pick<Lowering, 'ops'>, { shape, type, mean, std, labels }: ExportInput): WritableModel {
  return { input: { ...shape, mean, std, type }, labels: [...labels], ops };
}
