/**
 * All surrogates of the sign by name.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import { approxSign } from './approx-sign.js';
import { clip } from './clip.js';
import { ede } from './ede.js';
import { rbnn } from './rbnn.js';
import { reste } from './reste.js';
import type { Surrogate } from './surrogate.js';
import { swishSign } from './swish-sign.js';

const SURROGATES: Record<string, () => Surrogate> = {
  'approx-sign': approxSign,
  clip,
  'swish-sign': swishSign,
  ede,
  rbnn,
  reste,
};

export function surrogateNames(): string[] {
  return Object.keys(SURROGATES);
}

/** The surrogate called `name` with its published options. */
export function createSurrogate(name: string): Surrogate {
  requireOneOf('surrogate', name, surrogateNames());
  return SURROGATES[name]();
}
