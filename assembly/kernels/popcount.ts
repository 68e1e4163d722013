// Binary linear layers of one vector, by XNOR and popcount.
//
//   y[c] = sum over i of w[c][i] x[i] = features - 2 * popcount(xBits xor wBits[c])          x, w in {-1, +1}
//
// Bit 0 stands for +1, bit 1 for -1. Spare bits of the last word are 0 on both sides, so they never count and `features` is the true length.

/** x i8 ±1 [features] -> words u64 [ceil(features / 64)], spare bits 0. Item = one word. */
export function pack_i8_b1(scratch: usize, x: usize, words: usize, features: i32, begin: i32, end: i32): void {
  const zero = i8x16.splat(0);
  for (let item = begin; item < end; item++) {
    let bits: u64 = 0;
    const from = x + ((<usize>item) << 6);
    const n = min(64, features - (item << 6));
    let i = 0;
    for (; i + 16 <= n; i += 16) bits |= (<u64>(<u32>i8x16.bitmask(i8x16.lt_s(v128.load(from + <usize>i), zero)))) << i;
    for (; i < n; i++) if (load<i8>(from + <usize>i) < 0) bits |= (<u64>1) << i;
    store<u64>(words + ((<usize>item) << 3), bits);
  }
}

/**
 * x u64 [blocks], w u64 [blocks][cout] with blocks = ceil(features / 64), y i16 [cout], features <= 32,767. Item = 8 output channels.
 * Eight columns at a time read one cache line of w per block; a remainder of channels goes one by one.
 */
export function linear_b1b1_i16(scratch: usize, x: usize, w: usize, y: usize, features: i32, cout: i32, begin: i32, end: i32): void {
  const blocks = (features + 63) >> 6;
  const row = (<usize>cout) << 3;
  const stop = x + ((<usize>blocks) << 3);
  for (let item = begin; item < end; item++) {
    let c = item << 3;
    const out = y + ((<usize>c) << 1);
    let words = w + ((<usize>c) << 3);
    if (c + 8 <= cout) {
      let n0: u64 = 0,
        n1: u64 = 0,
        n2: u64 = 0,
        n3: u64 = 0,
        n4: u64 = 0,
        n5: u64 = 0,
        n6: u64 = 0,
        n7: u64 = 0;
      for (let p = x; p < stop; p += 8, words += row) {
        let bits = load<u64>(p);
        n0 += popcnt(bits ^ load<u64>(words));
        n1 += popcnt(bits ^ load<u64>(words, 8));
        n2 += popcnt(bits ^ load<u64>(words, 16));
        n3 += popcnt(bits ^ load<u64>(words, 24));
        n4 += popcnt(bits ^ load<u64>(words, 32));
        n5 += popcnt(bits ^ load<u64>(words, 40));
        n6 += popcnt(bits ^ load<u64>(words, 48));
        n7 += popcnt(bits ^ load<u64>(words, 56));
      }
      store<i16>(out, <i16>(features - 2 * <i32>n0));
      store<i16>(out, <i16>(features - 2 * <i32>n1), 2);
      store<i16>(out, <i16>(features - 2 * <i32>n2), 4);
      store<i16>(out, <i16>(features - 2 * <i32>n3), 6);
      store<i16>(out, <i16>(features - 2 * <i32>n4), 8);
      store<i16>(out, <i16>(features - 2 * <i32>n5), 10);
      store<i16>(out, <i16>(features - 2 * <i32>n6), 12);
      store<i16>(out, <i16>(features - 2 * <i32>n7), 14);
    } else {
      for (; c < cout; c++) {
        let n: u64 = 0;
        let q = w + ((<usize>c) << 3);
        for (let p = x; p < stop; p += 8, q += row) n += popcnt(load<u64>(p) ^ load<u64>(q));
        store<i16>(y + ((<usize>c) << 1), <i16>(features - 2 * <i32>n));
      }
    }
  }
}
