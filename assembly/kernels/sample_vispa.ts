// Sampling the weights of a binary layer: w = M + sum over k of r_k Z_k, then signs, packed for forward pass and input gradient.
// VISPA (Orecchia et al., NeurIPS 2024): N(M, Z Z^T) rounded to signs; rank 0 is the plain sign of the latent weights.
//
//   m, z     f32 [ceil(cout / 32)][tap][cin][32], z K times; spare lanes are 0 and stay +1
//   noise    f32 [K]: the r_k of this draw
//   words    u64 [tap][ceil(cin / 64)][cout], bits along cin (forward pass)
//   wordsT   u64 [tap][ceil(cout / 64)][cin], bits along cout (input gradient)
//   mode     u64, as wordsT: signs of M, of the previous call on entry, of this one on return
//   counts   u32 [item][2]: signs of M that changed since the previous call; signs of the sample that differ from those of M
//
// Bit 1 = -1, and only for w < 0: -0 and NaN are +1. Work item = (block of 64 outputs * taps + tap) * blocks of cin + block of 64 inputs.

import { RowStep, sampleBlocks } from '../lib/signs';

@unmanaged
class NoStep extends RowStep {
  @inline row(m: usize, offset: usize, tile: usize, scratch: usize): usize {
    return m + offset;
  }
}

export function sample_vispa(
  scratch: usize,
  m: usize,
  z: usize,
  noise: usize,
  words: usize,
  wordsT: usize,
  mode: usize,
  counts: usize,
  cin: i32,
  cout: i32,
  taps: i32,
  rank: i32,
  begin: i32,
  end: i32,
): void {
  sampleBlocks<NoStep>(changetype<NoStep>(0), scratch, m, z, noise, words, wordsT, mode, counts, cin, cout, taps, rank, begin, end);
}

/**
 * Row normalisation (Algorithm 1 of the paper): divides m_i and all z_ki by sqrt(m_i^2 + sum_k z_ki^2 / scale), unless that is 0.
 * n: elements of m, a multiple of 4. Work item: 4,096 elements.
 */
export function normalize_vispa(scratch: usize, m: usize, z: usize, n: i32, rank: i32, scale: f32, begin: i32, end: i32): void {
  const zBytes = (<usize>n) << 2;
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, zBytes); i < stop; i += 16) {
    let x = v128.load(m + i);
    let sum = f32x4.splat(0);
    for (let k = 0, p = z + i; k < rank; k++, p += zBytes) sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(p)));
    let norm = f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32x4.div(sum, f32x4.splat(scale))));
    norm = v128.bitselect(norm, f32x4.splat(1), f32x4.gt(norm, f32x4.splat(0)));
    v128.store(m + i, f32x4.div(x, norm));
    for (let k = 0, p = z + i; k < rank; k++, p += zBytes) v128.store(p, f32x4.div(v128.load(p), norm));
  }
}
