// Signs of latent weights that are centred, or ranked, per output filter:
//
//   sign(w - center)                      threshold = 0
//   sign(|w - center| - threshold)        else: +1 for the larger ones
//
// center, threshold: f32 [ceil(cout / 32)][32], spare lanes 0. All else, and the work items, as sample_vispa with rank 0: the signs are the
// mode, so none differs from it.

import { RowStep, sampleBlocks } from '../lib/signs';

@unmanaged
class Centered extends RowStep {
  center: usize;
  threshold: usize;

  row(m: usize, offset: usize, tile: usize, scratch: usize): usize {
    const filters = tile << 7;
    for (let i: usize = 0; i < 128; i += 16) {
      let x = f32x4.sub(v128.load(m + offset + i), v128.load(this.center + filters + i));
      if (this.threshold != 0) x = f32x4.sub(f32x4.abs(x), v128.load(this.threshold + filters + i));
      v128.store(scratch + i, x);
    }
    return scratch;
  }
}

/** Scratch memory of the two addresses: behind words and row. */
const OPERANDS: usize = 1024;

export function sample_filters(
  scratch: usize,
  w: usize,
  center: usize,
  threshold: usize,
  words: usize,
  wordsT: usize,
  mode: usize,
  counts: usize,
  cin: i32,
  cout: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  const step = changetype<Centered>(scratch + OPERANDS);
  step.center = center;
  step.threshold = threshold;
  sampleBlocks<Centered>(step, scratch, w, 0, 0, words, wordsT, mode, counts, cin, cout, taps, 0, begin, end);
}
