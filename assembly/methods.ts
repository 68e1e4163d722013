// Kernels that some training methods take, in the memory of the training binary and under its rules (training.ts). A build of their own, so
// that applications without such a method do not carry them.

export const heapBase: usize = __heap_base;

export { filter_moments, filter_rank } from './kernels/filters';
export { gate_dw, standardize_dw } from './kernels/latent_dw';
export { sample_filters } from './kernels/sample_filters';
export { tanh_f32, update_bayesbinn } from './kernels/update_bayesbinn';
export { update_bop } from './kernels/update_bop';
export { sign_f32 } from './kernels/update_sgd';
