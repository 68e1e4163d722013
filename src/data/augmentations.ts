/**
 * Augmentations by name: one line each.
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import { type Augmentation, cropFlip } from './augment.js';

const augmentations: Record<string, () => Augmentation | undefined> = {
  none: () => undefined,
  'crop-flip': cropFlip,
};

/** The names that `createAugmentation` knows. */
export function augmentationNames(): string[] {
  return Object.keys(augmentations);
}

/** The augmentation `name` with its default options; undefined for 'none'. */
export function createAugmentation(name: string): Augmentation | undefined {
  requireOneOf('augmentation', name, augmentationNames());
  return augmentations[name]();
}
