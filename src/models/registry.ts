/**
 * All architectures by name.
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import type { Sequential } from '../nn/sequential.js';
import { convnet, type ModelOptions } from './convnet.js';

const MODELS: Record<string, (options: ModelOptions) => Sequential> = { convnet };

export function modelNames(): string[] {
  return Object.keys(MODELS);
}

export function createModel(name: string, options: ModelOptions): Sequential {
  requireOneOf('model', name, modelNames());
  return MODELS[name](options);
}
