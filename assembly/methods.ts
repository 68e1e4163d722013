// Kernels that some training methods and layers take, in the memory of the training binary and under its rules (training.ts). A build of their own, so
// that applications without them do not carry them.

export const heapBase: usize = __heap_base;

export { add_i32, add_scaled_f32, add_scaled_i32 } from './kernels/accumulate';
export { average_f32 } from './kernels/average';
export { conv2d_f32b1_f32, conv2d_i8b1_i16 } from './kernels/conv2d_lookup';
export { conv2d_b1f32_f32, transpose_b1, transpose_f32, transpose_filters } from './kernels/conv2d_real_weights';
export { filter_moments, filter_rank } from './kernels/filters';
export { gate_dw, standardize_dw } from './kernels/latent_dw';
export { to_latent_f32, unpack_b1_f32 } from './kernels/latent_layout';
export { norm_scale, norm_squares } from './kernels/norm';
export { quantize_dx_f32, quantize_dx_i16, quantize_f32_i8 } from './kernels/quantize_activations';
export { prox_binary, relax_bernoulli, relax_jump, relax_tanh, relax_tanh_dw } from './kernels/relax';
export { rotate_dw, rotate_filters, rotate_mix } from './kernels/rotate';
export { sample_filters } from './kernels/sample_filters';
export { sample_i16 } from './kernels/sample_i16';
export {
  surrogate_ede_f32f32,
  surrogate_ede_f32i16,
  surrogate_ede_i16f32,
  surrogate_ede_i16i16,
  surrogate_reste_f32f32,
  surrogate_reste_f32i16,
  surrogate_reste_i16f32,
  surrogate_reste_i16i16,
  surrogate_swish_f32f32,
  surrogate_swish_f32i16,
  surrogate_swish_i16f32,
  surrogate_swish_i16i16,
} from './kernels/surrogate';
export { update_adaste } from './kernels/update_adaste';
export { tanh_f32, update_bayesbinn } from './kernels/update_bayesbinn';
export { update_bop } from './kernels/update_bop';
export { update_nsgd_i16 } from './kernels/update_nsgd_i16';
export { sign_f32 } from './kernels/update_sgd';
