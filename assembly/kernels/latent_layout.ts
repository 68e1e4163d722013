// Between the layout of f32 weights, [cout][rows] with rows = (tap, input channel), and those of binary weights. Item: 32 output channels.

/** to f32 [ceil(cout / 32)][rows][32], spare lanes 0: the layout of latent weights and their gradients, from f32 [cout][rows]. */
export function to_latent_f32(scratch: usize, from: usize, to: usize, cout: i32, rows: i32, begin: i32, end: i32): void {
  const rowBytes = (<usize>rows) << 2;
  for (let tile = begin; tile < end; tile++) {
    const n = min(32, cout - (tile << 5));
    const first = from + <usize>(tile << 5) * rowBytes;
    let row = to + ((<usize>tile * <usize>rows) << 7);
    for (let r: usize = 0; r < rowBytes; r += 4, row += 128) {
      let source = first + r;
      for (let lane = 0; lane < n; lane++, source += rowBytes) store<f32>(row + ((<usize>lane) << 2), load<f32>(source));
      if (n < 32) memory.fill(row + ((<usize>n) << 2), 0, (<usize>(32 - n)) << 2);
    }
  }
}

/** to f32 [cout][tap][cin] of ±1, from u64 [tap][ceil(cin / 64)][cout], bit 1 = -1. */
export function unpack_b1_f32(scratch: usize, words: usize, to: usize, cout: i32, taps: i32, cin: i32, begin: i32, end: i32): void {
  const blocks = (cin + 63) >> 6;
  for (let c = begin << 5; c < min(cout, end << 5); c++) {
    let out = to + ((<usize>c * <usize>(taps * cin)) << 2);
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < cin; i++, out += 4) {
        const word = words + ((<usize>((tap * blocks + (i >> 6)) * cout + c)) << 3);
        // 1 with the sign bit of the weight.
        store<u32>(out, 0x3f800000 | ((<u32>(load<u64>(word) >> <u64>(i & 63))) << 31));
      }
    }
  }
}
