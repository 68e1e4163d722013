/**
 * `bitgauss/kernels`: the kernels by themselves, on plain typed arrays: bits without a network. See docs/kernels-entry.md.
 *
 * @module
 */
import { instantiateEmbedded } from './kernels/as-bind.js';
import { createKernels, type KernelFunctions } from './kernels/kernel-functions.js';

export { BitgaussError, type ErrorCode } from './core/errors.js';
export type { SampleGaussianOptions } from './kernels/gaussian.js';
export type { HammingIndex, Neighbors } from './kernels/hamming.js';
export type { KernelFunctions } from './kernels/kernel-functions.js';
export type { XnorConv2dOptions } from './kernels/products.js';

const kernels: KernelFunctions = /* @__PURE__ */ createKernels(instantiateEmbedded);

export const packSigns: KernelFunctions['packSigns'] = kernels.packSigns;
export const xnorGemm: KernelFunctions['xnorGemm'] = kernels.xnorGemm;
export const xnorConv2d: KernelFunctions['xnorConv2d'] = kernels.xnorConv2d;
export const hammingDistances: KernelFunctions['hammingDistances'] = kernels.hammingDistances;
export const hammingTopK: KernelFunctions['hammingTopK'] = kernels.hammingTopK;
export const createHammingIndex: KernelFunctions['createHammingIndex'] = kernels.createHammingIndex;
export const sampleGaussian: KernelFunctions['sampleGaussian'] = kernels.sampleGaussian;
