/**
 * `bitgauss`: runs model files. Inference only; training is `bitgauss/train`.
 *
 * @module
 */
export { BitgaussError, type ErrorCode } from './core/errors.js';
export type { Image } from './inference/image.js';
export { type InputShape, type LoadOptions, loadModel, type Model, type OpSummary, type Prediction } from './inference/model.js';
