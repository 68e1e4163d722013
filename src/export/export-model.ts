/**
 * Writes a trained network as a model file: evaluation mode, binary weights as they are sampled now.
 *
 * @module
 */
import type { ImageShape } from '../data/dataset.js';
import { writeModel } from '../format/model-write.js';
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
  const { ops, tensors } = network.lower();
  const { shape, type, mean, std, labels } = input;
  return writeModel({ input: { ...shape, mean, std, type }, labels: [...labels], ops }, tensors);
}
