// Hamming distances of packed codes, and the nearest of them.
//
//   y[q][i] = popcount(queries[q] xor codes[i])          x . w = bits - 2 y for x, w in {-1, +1}
//
//   queries  u8 [queries][rowBytes], codes u8 [count][rowBytes]: rows lie one after the other, at any address above 16
//   y        i32 [queries][count]
//
// The same loop with i64.popcnt is 1.1 (V8 11) to 1.3 times (V8 13) as fast on x86, 512 bits; but ARM counts bits in vector registers only. With rows
// of 1,024 bits many by many, products are as fast as those of popcount.ts, and need no other order of words.
//
// Whole vectors first. What is left of a row, `rowBytes mod 16` bytes, is its last 16 bytes less those that were counted, so nothing is read behind it.

/** Codes in a work item: 4 KiB of codes of 512 bits stay in the first-level cache for all queries. */
const CODES: i32 = 64;
/** Vectors that a byte can count: each adds at most 8, and 31 * 8 = 248 <= 255. */
const VECTORS: usize = 31;
/** 16 bytes from `n` on: ones in the last n bytes. */
const LAST = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
]);

abstract class Bits {
  /** Counts per byte of a xor b. */
  @inline static differ(a: v128, b: v128): v128 {
    return i8x16.popcnt(v128.xor(a, b));
  }

  /** n + the counts of bytes s, i32 [4]. */
  @inline static flush(n: v128, s: v128): v128 {
    return i32x4.add(n, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(s)));
  }

  /** The sums of the lanes of a, b, c, d. */
  @inline static across(a: v128, b: v128, c: v128, d: v128): v128 {
    const ab = i32x4.add(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(a, b, 2, 6, 3, 7));
    const cd = i32x4.add(i32x4.shuffle(c, d, 0, 4, 1, 5), i32x4.shuffle(c, d, 2, 6, 3, 7));
    return i32x4.add(i32x4.shuffle(ab, cd, 0, 1, 4, 5), i32x4.shuffle(ab, cd, 2, 3, 6, 7));
  }
}

/** rowBytes < 2^28: counts fit in i32. Item = 64 codes, all queries. */
export function hamming_b1b1_i32(
  scratch: usize,
  queries: usize,
  codes: usize,
  y: usize,
  rowBytes: usize,
  rows: i32,
  count: i32,
  begin: i32,
  end: i32,
): void {
  const zero = i8x16.splat(0);
  const tail = rowBytes & 15;
  const whole = rowBytes - tail;
  const last = v128.load(LAST + tail);
  for (let item = begin; item < end; item++) {
    const first = item * CODES;
    const stop = min(first + CODES, count);
    for (let r = 0; r < rows; r++) {
      const query = queries + <usize>r * rowBytes;
      let out = y + ((<usize>r * <usize>count + <usize>first) << 2);
      for (let i = first; i < stop; i += 4, out += 16) {
        // Four codes at a time; behind the last code it stands in for those that are missing.
        const there = stop - i;
        let p0 = codes + <usize>i * rowBytes;
        let p1 = there > 1 ? p0 + rowBytes : p0;
        let p2 = there > 2 ? p1 + rowBytes : p1;
        let p3 = there > 3 ? p2 + rowBytes : p2;
        let n0 = zero,
          n1 = zero,
          n2 = zero,
          n3 = zero;
        let q = query;
        for (const rowEnd = query + whole; q < rowEnd; ) {
          let s0 = zero,
            s1 = zero,
            s2 = zero,
            s3 = zero;
          for (const flush = min(rowEnd, q + VECTORS * 16); q < flush; q += 16, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
            const bits = v128.load(q);
            s0 = i8x16.add(s0, Bits.differ(bits, v128.load(p0)));
            s1 = i8x16.add(s1, Bits.differ(bits, v128.load(p1)));
            s2 = i8x16.add(s2, Bits.differ(bits, v128.load(p2)));
            s3 = i8x16.add(s3, Bits.differ(bits, v128.load(p3)));
          }
          n0 = Bits.flush(n0, s0);
          n1 = Bits.flush(n1, s1);
          n2 = Bits.flush(n2, s2);
          n3 = Bits.flush(n3, s3);
        }
        if (tail != 0) {
          const back = tail - 16;
          const bits = v128.load(q + back);
          n0 = Bits.flush(n0, Bits.differ(v128.and(bits, last), v128.and(v128.load(p0 + back), last)));
          n1 = Bits.flush(n1, Bits.differ(v128.and(bits, last), v128.and(v128.load(p1 + back), last)));
          n2 = Bits.flush(n2, Bits.differ(v128.and(bits, last), v128.and(v128.load(p2 + back), last)));
          n3 = Bits.flush(n3, Bits.differ(v128.and(bits, last), v128.and(v128.load(p3 + back), last)));
        }
        const n = Bits.across(n0, n1, n2, n3);
        if (there >= 4) v128.store(out, n);
        else {
          v128.store32_lane(out, n, 0);
          if (there > 1) v128.store32_lane(out, n, 1, 4);
          if (there > 2) v128.store32_lane(out, n, 2, 8);
        }
      }
    }
  }
}

/**
 * The `nearest` smallest of `count` distances, by distance, then by index: counting sort.
 * distances i32 [items][count], each from 0 to `largest`; starts u32 [largest + 1], overwritten; indices u32 and y i32 [items][nearest].
 * nearest <= count. Item = one row of distances.
 */
export function nearest_i32(
  scratch: usize,
  distances: usize,
  starts: usize,
  indices: usize,
  y: usize,
  count: i32,
  nearest: i32,
  largest: i32,
  begin: i32,
  end: i32,
): void {
  for (let item = begin; item < end; item++) {
    const row = distances + ((<usize>item * <usize>count) << 2);
    const place = (<usize>item * <usize>nearest) << 2;
    memory.fill(starts, 0, (<usize>largest + 1) << 2);
    for (let p = row, stop = row + ((<usize>count) << 2); p < stop; p += 4) {
      const bin = starts + ((<usize>load<u32>(p)) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
    // The rank of the first code of each distance, up to the distance of the last that counts.
    let limit: u32 = 0;
    for (let before: u32 = 0; before < <u32>nearest; limit++) {
      const bin = starts + ((<usize>limit) << 2);
      const here = load<u32>(bin);
      store<u32>(bin, before);
      before += here;
    }
    for (let i: u32 = 0, left = nearest; left > 0; i++) {
      const distance = load<u32>(row + ((<usize>i) << 2));
      if (distance >= limit) continue;
      const bin = starts + ((<usize>distance) << 2);
      const rank = load<u32>(bin);
      if (rank >= <u32>nearest) continue;
      store<u32>(bin, rank + 1);
      store<u32>(indices + place + ((<usize>rank) << 2), i);
      store<u32>(y + place + ((<usize>rank) << 2), distance);
      left--;
    }
  }
}
