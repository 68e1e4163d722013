// The training binary: forward, backward, sampling and update kernels. Every kernel is name(scratch, pointers..., sizes..., begin, end):
// work items [begin, end) of a tiling that depends on the sizes alone; no allocation, no state.

import { Exact } from './lib/math';

export const heapBase: usize = __heap_base;

export {
  block_dx_i16f32_f32,
  block_dx_i16f32_i8,
  block_dx_i16f32_i16,
  block_dx_i16i16_f32,
  block_dx_i16i16_i8,
  block_dx_i16i16_i16,
} from './kernels/block_dx';
export { block_dx_f32f32_f32, block_dx_f32i16_f32 } from './kernels/block_dx_f32';
export {
  activation_f32_f32,
  activation_i16_f32,
  max_pool2d_f32,
  max_pool2d_i16,
  statistics_f32,
  statistics_i16,
  threshold_f32_b1,
  threshold_i16_b1,
} from './kernels/block_forward';
export { block_sums_f32f32, block_sums_f32i16, block_sums_i16f32, block_sums_i16i16 } from './kernels/block_sums';
export { conv2d_block_dw_f32f32, conv2d_block_dw_f32i16 } from './kernels/conv2d_block_dw';
export { bias_f32_dw, conv2d_f32f32_b1, conv2d_f32f32_f32, conv2d_f32f32_f32_dw, conv2d_f32f32_f32_dx } from './kernels/conv2d_f32';
export { conv2d_b1b1_i16, conv2d_f32b1_f32_dx, conv2d_i8b1_i16_dx, conv2d_i16b1_i16_dx } from './kernels/conv2d_lookup';
export { conv2d_f32b1_f32_dw, conv2d_i8b1_i32_dw, conv2d_i16b1_i32_dw } from './kernels/conv2d_lookup_dw';
export { cross_entropy_f32 } from './kernels/cross_entropy';
export { input_f32_f32, input_u8_f32 } from './kernels/input';
export { patch_moments_dw, patch_moments_f32, patch_moments_y } from './kernels/patch_moments';
export { dequantize_i32_f32 } from './kernels/quantize';
export { random_normal_f32, random_uniform_f32 } from './kernels/random';
export { normalize_vispa, sample_vispa } from './kernels/sample_vispa';
export { update_adam } from './kernels/update_adam';
export { update_muon } from './kernels/update_muon';
export { update_nsgd } from './kernels/update_nsgd';
export { clip_f32, update_sgd } from './kernels/update_sgd';
export { update_vispa_sgd } from './kernels/update_vispa_sgd';

export function math_exp(x: f64): f64 {
  return Exact.exp(x);
}
export function math_log(x: f64): f64 {
  return Exact.log(x);
}
export function math_cos_turn(u: f64): f64 {
  return Exact.cosTurn(u);
}
