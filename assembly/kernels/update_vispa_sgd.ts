// One pass for a step of VISPA with SGD: mean, factor and velocities are updated and the weights of the NEXT step sampled, while a row is in
// cache. The same operations in the same order as update_sgd for each array, clip_f32, normalize_vispa and sample_vispa one after the other,
// so the same bits, with half of their memory traffic at rank 4.

import { RowStep, sampleBlocks } from '../lib/signs';

/** As words of 4 bytes in this order. Arrays have the layout of m. */
@unmanaged
class SgdStep extends RowStep {
  gradient: u32;
  m: u32;
  z: u32;
  /** u32 [K + 1]: the velocities of m and of the z_k. */
  velocities: u32;
  /** f32 [K + 1]: what the gradient is multiplied by, 1 for m and the noise of the last draw for the z_k. */
  scales: u32;
  rank: i32;
  /** Bytes of one array. */
  bytes: u32;
  nesterov: i32;
  decay: f32;
  momentum: f32;
  rate: f32;
  /** Of m; infinity: none. */
  clip: f32;
  /** S of the row normalisation; 0: none. */
  normalize: f32;

  row(mean: usize, offset: usize, tile: usize, scratch: usize): usize {
    const g = <usize>this.gradient + offset;
    const z = <usize>this.z + offset;
    for (let k = 0, w = <usize>this.m + offset; k <= this.rank; k++) {
      const v = <usize>load<u32>(<usize>this.velocities + ((<usize>k) << 2)) + offset;
      const scale = v128.load32_splat(<usize>this.scales + ((<usize>k) << 2));
      for (let i: usize = 0; i < 128; i += 16) this.four(w + i, g + i, v + i, scale);
      w = z + <usize>k * <usize>this.bytes;
    }
    const m = <usize>this.m + offset;
    if (this.clip != <f32>Infinity)
      for (let i = m; i < m + 128; i += 16)
        v128.store(i, f32x4.max(f32x4.splat(-this.clip), f32x4.min(f32x4.splat(this.clip), v128.load(i))));
    if (this.normalize != 0) for (let i: usize = 0; i < 128; i += 16) this.normalizeFour(m + i, z + i);
    return m;
  }

  @inline four(w: usize, g: usize, v: usize, scale: v128): void {
    const x = v128.load(w);
    const gradient = f32x4.add(f32x4.mul(scale, v128.load(g)), f32x4.mul(f32x4.splat(this.decay), x));
    const velocity = f32x4.add(f32x4.mul(f32x4.splat(this.momentum), v128.load(v)), gradient);
    v128.store(v, velocity);
    const step = this.nesterov != 0 ? f32x4.add(gradient, f32x4.mul(f32x4.splat(this.momentum), velocity)) : velocity;
    v128.store(w, f32x4.sub(x, f32x4.mul(f32x4.splat(this.rate), step)));
  }

  @inline normalizeFour(m: usize, z: usize): void {
    const bytes = <usize>this.bytes;
    const x = v128.load(m);
    let sum = f32x4.splat(0);
    for (let k = 0, p = z; k < this.rank; k++, p += bytes) sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(p)));
    let norm = f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32x4.div(sum, f32x4.splat(this.normalize))));
    norm = v128.bitselect(norm, f32x4.splat(1), f32x4.gt(norm, f32x4.splat(0)));
    v128.store(m, f32x4.div(x, norm));
    for (let k = 0, p = z; k < this.rank; k++, p += bytes) v128.store(p, f32x4.div(v128.load(p), norm));
  }
}

/** step: the words of SgdStep. All else, and the work items, as sample_vispa. noise, `drawn` of them: of the next draw. */
export function update_vispa_sgd(
  scratch: usize,
  step: usize,
  noise: usize,
  words: usize,
  wordsT: usize,
  mode: usize,
  counts: usize,
  cin: i32,
  cout: i32,
  taps: i32,
  drawn: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<SgdStep>(step);
  sampleBlocks<SgdStep>(s, scratch, s.m, s.z, noise, words, wordsT, mode, counts, cin, cout, taps, drawn, begin, end);
}
