// Signs of latent weights in 16 bits, i16 [ceil(cout / 32)][tap][cin][32]. All else, and the work items, as sample_vispa with rank 0.

import { RowStep, sampleBlocks } from '../lib/signs';

@unmanaged
class Sixteen extends RowStep {
  row(m: usize, offset: usize, tile: usize, scratch: usize): usize {
    const from = m + (offset >> 1);
    for (let i: usize = 0; i < 64; i += 16) {
      const eight = v128.load(from + i);
      v128.store(scratch + (i << 1), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)));
      v128.store(scratch + (i << 1), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)), 16);
    }
    return scratch;
  }
}

export function sample_i16(
  scratch: usize,
  w: usize,
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
  sampleBlocks<Sixteen>(changetype<Sixteen>(scratch), scratch, w, 0, 0, words, wordsT, mode, counts, cin, cout, taps, 0, begin, end);
}
