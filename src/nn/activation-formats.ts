/**
 * What binary weights may be multiplied with, by name: bits of an activation.
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import type { ActivationFormat } from './activation-format.js';
import { quantizedActivations } from './quantized-activations.js';
import { realActivations } from './real-activations.js';

const FORMATS: Record<string, () => ActivationFormat | undefined> = {
  1: () => undefined,
  2: () => quantizedActivations(2),
  3: () => quantizedActivations(3),
  32: realActivations,
};

/** '1' (signs) and the formats that have more bits. */
export function activationNames(): string[] {
  return Object.keys(FORMATS);
}

/** Undefined for signs. */
export function createActivations(name: string): ActivationFormat | undefined {
  requireOneOf('activations', name, activationNames());
  return FORMATS[name]();
}
