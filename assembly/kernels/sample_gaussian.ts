// A draw of a Gaussian with a covariance of low rank plus a diagonal: N(M, Z Z^T + diag(d)^2).
//
//   y_i = m_i + sum over k of r_k z_ki + d_i g_i           added up in this order, each step rounded to f32, as sample_vispa does
//
//   m, d, g, y  f32 [n]; d = 0: no diagonal, g is not read.  z f32 [rank][n].  r f32 [rank]: the normal numbers of this draw, g of its elements.

/** Work item: 4,096 elements. */
const ITEM: i32 = 4096;

export function sample_gaussian_f32(
  scratch: usize,
  m: usize,
  z: usize,
  d: usize,
  r: usize,
  g: usize,
  y: usize,
  n: i32,
  rank: i32,
  begin: i32,
  end: i32,
): void {
  const zBytes = (<usize>n) << 2;
  const stop = min((<usize>(end * ITEM)) << 2, zBytes);
  let i = (<usize>(begin * ITEM)) << 2;
  for (; i + 16 <= stop; i += 16) {
    let w = v128.load(m + i);
    for (let k = 0, p = z + i; k < rank; k++, p += zBytes) {
      w = f32x4.add(w, f32x4.mul(v128.load32_splat(r + ((<usize>k) << 2)), v128.load(p)));
    }
    if (d != 0) w = f32x4.add(w, f32x4.mul(v128.load(d + i), v128.load(g + i)));
    v128.store(y + i, w);
  }
  for (; i < stop; i += 4) {
    let w = load<f32>(m + i);
    for (let k = 0, p = z + i; k < rank; k++, p += zBytes) w += load<f32>(r + ((<usize>k) << 2)) * load<f32>(p);
    if (d != 0) w += load<f32>(d + i) * load<f32>(g + i);
    store<f32>(y + i, w);
  }
}
