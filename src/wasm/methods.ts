/**
 * Kernels that some training methods take, beside those of the training binary.
 *
 * @module
 */
import embedded from '#wasm/methods';
import type { KernelSet } from './kernel-set.js';

export const methodKernels: KernelSet = { name: 'methods', binary: embedded };
