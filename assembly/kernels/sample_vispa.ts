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

abstract class Signs {
  /** Sign bits of 32 lanes of w = m + sum of noise * z. */
  static pack(m: usize, z: usize, zBytes: usize, noise: usize, rank: i32): u32 {
    let bits: u32 = 0;
    for (let v: usize = 0; v < 128; v += 16) {
      let w = v128.load(m + v);
      for (let k = 0, p = z + v; k < rank; k++, p += zBytes) {
        w = f32x4.add(w, f32x4.mul(v128.load32_splat(noise + ((<usize>k) << 2)), v128.load(p)));
      }
      bits |= (<u32>i32x4.bitmask(f32x4.lt(w, f32x4.splat(0)))) << (<u32>v >> 2);
    }
    return bits;
  }

  /** Transposes 64 words of 64 bits in place: halves of 32, then 16, ... are exchanged. */
  static transpose(a: usize): void {
    let mask: u64 = 0x00000000ffffffff;
    for (let j: usize = 32; j != 0; j >>= 1, mask ^= mask << (<u64>j)) {
      for (let k: usize = 0; k < 64; k = ((k | j) + 1) & ~j) {
        let p = a + (k << 3);
        let q = a + ((k | j) << 3);
        let swap = ((load<u64>(p) >> <u64>j) ^ load<u64>(q)) & mask;
        store<u64>(p, load<u64>(p) ^ (swap << (<u64>j)));
        store<u64>(q, load<u64>(q) ^ swap);
      }
    }
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
  const inBlocks = (cin + 63) >> 6;
  const outBlocks = (cout + 63) >> 6;
  const tiles = (cout + 31) >> 5;
  const tileBytes = (<usize>(taps * cin)) << 7;
  const zBytes = <usize>tiles * tileBytes;
  for (let item = begin; item < end; item++) {
    const inBlock = item % inBlocks;
    const tap = (item / inBlocks) % taps;
    const outBlock = item / inBlocks / taps;
    const n = min(64, cin - (inBlock << 6));
    const row = <usize>(outBlock << 1) * tileBytes + ((<usize>(tap * cin + (inBlock << 6))) << 7);
    const both = (outBlock << 1) + 1 < tiles;
    let out = (<usize>((tap * outBlocks + outBlock) * cin + (inBlock << 6))) << 3;
    let flips: u32 = 0;
    let differ: u32 = 0;
    for (let i = 0; i < n; i++, out += 8) {
      let o = row + ((<usize>i) << 7);
      let center = <u64>Signs.pack(m + o, z, zBytes, noise, 0);
      if (both) center |= (<u64>Signs.pack(m + o + tileBytes, z, zBytes, noise, 0)) << 32;
      let word = center;
      if (rank > 0) {
        word = <u64>Signs.pack(m + o, z + o, zBytes, noise, rank);
        if (both) word |= (<u64>Signs.pack(m + o + tileBytes, z + o + tileBytes, zBytes, noise, rank)) << 32;
      }
      flips += <u32>popcnt(center ^ load<u64>(mode + out));
      differ += <u32>popcnt(center ^ word);
      store<u64>(mode + out, center);
      store<u64>(wordsT + out, word);
      store<u64>(scratch + ((<usize>i) << 3), word);
    }
    store<u32>(counts + ((<usize>item) << 3), flips);
    store<u32>(counts + ((<usize>item) << 3), differ, 4);
    memory.fill(scratch + ((<usize>n) << 3), 0, (<usize>(64 - n)) << 3);
    Signs.transpose(scratch);
    const outputs = min(64, cout - (outBlock << 6));
    memory.copy(words + ((<usize>((tap * inBlocks + inBlock) * cout + (outBlock << 6))) << 3), scratch, (<usize>outputs) << 3);
  }
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
