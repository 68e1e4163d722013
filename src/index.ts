/**
 * `bitgauss`: runs model files. Inference only; training is `bitgauss/train`.
 *
 * @module
 */
export { BitgaussError, type ErrorCode } from './core/errors.js';
export type { Dtype, DtypeArray, Tensor } from './format/dtypes.js';
export { readSafetensors, type Safetensors } from './format/safetensors.js';
export type { BinaryKernel } from './inference/binary-kernels.js';
export type { Image } from './inference/image.js';
export type { OpMemory } from './inference/layout.js';
export {
  type Embedding,
  type InputShape,
  type LoadOptions,
  type LoadSyncOptions,
  loadModel,
  loadModelSync,
  type MemorySummary,
  type Model,
  type OpSummary,
  type Prediction,
  type PredictOptions,
} from './inference/model.js';
export type { ModuleBytes, ModuleSource } from './wasm/binary.js';
export { type Features, features } from './wasm/features.js';
