// The inference binary: the kernels that a model file can ask for, for one image. Every kernel is name(scratch, pointers..., sizes..., begin, end):
// work items [begin, end) of a tiling that depends on the sizes alone; no allocation, no state; 64 KiB of scratch memory.

export const heapBase: usize = __heap_base;

export { pack_i8_b1, popcount_b1b1_i16 } from './kernels/popcount';
export { conv2d_b1b1_i16, lookup_i8b1_i16 } from './kernels/positional';
export {
  affine_f32_f32,
  affine_i16_f32,
  clamp_f32_f32,
  prelu_f32_f32,
  sign_f32_i8,
  threshold_i16_i8,
} from './kernels/positional_elementwise';
export { conv2d_f32f32_f32, linear_f32f32_f32 } from './kernels/positional_f32';
export { flatten_f32, flatten_i8, flatten_i16, input_f32_f32, input_u8_f32 } from './kernels/positional_layout';
export { max_pool2d_f32, max_pool2d_i16 } from './kernels/positional_pool';
