// The yardstick of the f32 kernels: a plain matrix product in a tile of 4 x 8 values, which keeps both multipliers and adders of 128 bits busy.

/** c [M][N] = a b. a packed [M / 4][K][4], b packed [N / 8][K][8]; M a multiple of 4, N of 8. */
export function matmul_f32(a: usize, b: usize, c: usize, M: i32, N: i32, K: i32): void {
  const row = (<usize>N) << 2;
  for (let n = 0; n < N; n += 8) {
    for (let m = 0; m < M; m += 4) {
      let c00 = f32x4.splat(0),
        c01 = c00,
        c10 = c00,
        c11 = c00;
      let c20 = c00,
        c21 = c00,
        c30 = c00,
        c31 = c00;
      let q = b + ((<usize>(n * K)) << 2);
      for (let p = a + ((<usize>(m * K)) << 2), end = p + ((<usize>K) << 4); p < end; p += 16, q += 32) {
        const x0 = v128.load(q),
          x1 = v128.load(q, 16);
        let w = v128.load32_splat(p);
        c00 = f32x4.add(c00, f32x4.mul(w, x0));
        c01 = f32x4.add(c01, f32x4.mul(w, x1));
        w = v128.load32_splat(p, 4);
        c10 = f32x4.add(c10, f32x4.mul(w, x0));
        c11 = f32x4.add(c11, f32x4.mul(w, x1));
        w = v128.load32_splat(p, 8);
        c20 = f32x4.add(c20, f32x4.mul(w, x0));
        c21 = f32x4.add(c21, f32x4.mul(w, x1));
        w = v128.load32_splat(p, 12);
        c30 = f32x4.add(c30, f32x4.mul(w, x0));
        c31 = f32x4.add(c31, f32x4.mul(w, x1));
      }
      let out = c + <usize>m * row + ((<usize>n) << 2);
      v128.store(out, c00);
      v128.store(out, c01, 16);
      out += row;
      v128.store(out, c10);
      v128.store(out, c11, 16);
      out += row;
      v128.store(out, c20);
      v128.store(out, c21, 16);
      out += row;
      v128.store(out, c30);
      v128.store(out, c31, 16);
    }
  }
}
