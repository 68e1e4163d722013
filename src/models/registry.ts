/**
 * All architectures by name.
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import type { Sequential } from '../nn/sequential.js';
import { convnet } from './convnet.js';
import { mlp } from './mlp.js';
import type { Model, ModelOptions } from './options.js';
import { vggSmall } from './vgg-small.js';

const MODELS: Record<string, Model> = {
  convnet,
  mlp,
  'vgg-small': vggSmall,
};

export function modelNames(): string[] {
  return Object.keys(MODELS);
}

/** The architecture called `name`. Throws for options that it does not have. */
export function createModel(name: string, options: ModelOptions): Sequential {
  requireOneOf('model', name, modelNames());
  return MODELS[name](options);
}
