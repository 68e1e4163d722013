// The weight gradient of integer sums, back in f32: dw[c] = scale[c] * sum, in place.
// dw i32 -> f32 [ceil(cout / 32)][rows][32]; scale f32 [ceil(cout / 32) * 32]; rows = taps * cin. Item = tile of 32 output channels.

export function dequantize_i32_f32(scratch: usize, dw: usize, scale: usize, rows: i32, begin: i32, end: i32): void {
  for (let tile = begin; tile < end; tile++) {
    const s = scale + ((<usize>tile) << 7);
    for (let row = dw + ((<usize>tile * <usize>rows) << 7), stop = row + ((<usize>rows) << 7); row < stop; row += 128) {
      for (let v: usize = 0; v < 128; v += 16) v128.store(row + v, f32x4.mul(f32x4.convert_i32x4_s(v128.load(row + v)), v128.load(s + v)));
    }
  }
}
