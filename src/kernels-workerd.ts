/**
 * `bitgauss/kernels` for hosts that import wasm as a compiled module, under the export condition `workerd`: the functions of kernels.ts.
 *
 * @module
 */
import { createKernels, type KernelFunctions } from './kernels/kernel-functions.js';
import { instantiateModule } from './kernels/loader.js';

export { BitgaussError } from './core/errors.js';

const kernels: KernelFunctions = /* @__PURE__ */ createKernels(instantiateModule);

export const packSigns: KernelFunctions['packSigns'] = kernels.packSigns;
export const xnorGemm: KernelFunctions['xnorGemm'] = kernels.xnorGemm;
export const xnorConv2d: KernelFunctions['xnorConv2d'] = kernels.xnorConv2d;
export const hammingDistances: KernelFunctions['hammingDistances'] = kernels.hammingDistances;
export const hammingTopK: KernelFunctions['hammingTopK'] = kernels.hammingTopK;
export const createHammingIndex: KernelFunctions['createHammingIndex'] = kernels.createHammingIndex;
export const sampleGaussian: KernelFunctions['sampleGaussian'] = kernels.sampleGaussian;
