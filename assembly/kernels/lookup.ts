// The lookup method: where one operand is ±1, sums of signed terms come from tables instead of multiplications.
//
// A 64-bit word holds the signs of 64 terms x_0 .. x_63 (bit 1 = -1). A term is one vector of 64 bytes: 64 lanes of i8, 32 of i16
// or 16 of f32. The word is cut into groups, and each group indexes a table of all signed sums of its terms:
//
//     T_g[i] = sum over the terms j of group g of (bit j of i ? -x_j : +x_j)
//     y[r]  += sum over the groups g of T_g[bits of group g in word[r]]              for every row r
//
// Two cuts: twelve groups of 5 terms and one of 4 (25 KiB of tables), or sixteen groups of 4 (16 KiB), which are cheaper to build
// and dearer to use: ahead where the tables serve fewer than 150 rows.
//
// Limits: i8 with |x| <= 6, since four entries, 4 * 5 * 6 = 120, are added in i8; i16 with |x| <= 511, since a word's sum,
// 64 * 511 = 32,704, must fit in i16 and four entries are added in i16.
//
// Halves: i8 with |x| <= 16. Changing the sign of a term changes a sum by an even number, so all sums of a group are even or all are odd, and a
// table can hold halves: T = 2 h - parity, h = ceil(T / 2). Three of them, 3 * 40 = 120, are added in i8. The parities of the twelve groups of 5
// terms depend on the terms alone; the thirteenth table, of whole sums, takes them off.

import { Zip } from '../lib/zip';

/** Bytes of a table over 4 terms (16 entries) and over 5 terms (32 entries). */
const T4: usize = 16 * 64;
export const T5: usize = 32 * 64;
/** Offset of the thirteenth table. */
export const LAST: usize = 12 * T5;
/** Bytes of all tables of one word. */
export const TABLE_BYTES: usize = LAST + T4;
/** Where a kernel stages a partial block of terms in its scratch memory: 64 terms of 64 bytes behind the tables. */
export const STAGE: usize = TABLE_BYTES;
/** First scratch byte that neither the tables nor the staged terms use. */
export const SCRATCH_FREE: usize = STAGE + 64 * 64;
/** Rows that one set of tables must serve for tables over 5 terms to pay. */
export const ROWS_FOR_FIVE: i32 = 150;

/** Kinds of tables: whole sums over 5 terms, whole sums over 4 terms, halves over 5 terms; and over 5 terms of ±1, whose rows are faster. */
export const OVER_5: i32 = 0;
export const OVER_4: i32 = 1;
export const HALVES: i32 = 2;
export const SIGNS: i32 = 3;
/** Largest |x| of i8 terms in whole sums, and in halves. */
export const MAX_WHOLE: i32 = 6;
export const MAX_HALVES: i32 = 16;

export abstract class Table {
  /** Four entries, for the signs of x0 (bit 0) and x1 (bit 1): p = x0 + x1, m = x1 - x0, base = the other terms. */
  @inline static entries4<T>(t: usize, base: v128, p: v128, m: v128): void {
    v128.store(t, v128.add<T>(base, p));
    v128.store(t, v128.add<T>(base, m), 64);
    v128.store(t, v128.sub<T>(base, m), 128);
    v128.store(t, v128.sub<T>(base, p), 192);
  }

  /** Sixteen entries base ± x0 ± x1 ± x2 ± x3: q = x2 + x3, n = x3 - x2. */
  @inline static entries16<T>(t: usize, base: v128, p: v128, m: v128, q: v128, n: v128): void {
    Table.entries4<T>(t, v128.add<T>(base, q), p, m);
    Table.entries4<T>(t + 256, v128.add<T>(base, n), p, m);
    Table.entries4<T>(t + 512, v128.sub<T>(base, n), p, m);
    Table.entries4<T>(t + 768, v128.sub<T>(base, q), p, m);
  }

  /** One vector of lanes of a table over 4 terms. */
  @inline static over4<T>(t: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
    Table.entries16<T>(t, i8x16.splat(0), v128.add<T>(x0, x1), v128.sub<T>(x1, x0), v128.add<T>(x2, x3), v128.sub<T>(x3, x2));
  }

  /** One vector of lanes of a table over 5 terms. */
  @inline static over5<T>(t: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): void {
    let p = v128.add<T>(x0, x1),
      m = v128.sub<T>(x1, x0),
      q = v128.add<T>(x2, x3),
      n = v128.sub<T>(x3, x2);
    Table.entries16<T>(t, x4, p, m, q, n);
    Table.entries16<T>(t + 1024, v128.neg<T>(x4), p, m, q, n);
  }

  /** The 13 tables of 64 terms. A term is 64 bytes at x, the next one `stride` bytes further. */
  static build5<T>(t: usize, x: usize, stride: usize): void {
    for (let end = t + LAST; t < end; t += T5, x += 5 * stride) {
      for (let v: usize = 0; v < 64; v += 16) {
        let r = x + v;
        Table.over5<T>(
          t + v,
          v128.load(r),
          v128.load(r + stride),
          v128.load(r + 2 * stride),
          v128.load(r + 3 * stride),
          v128.load(r + 4 * stride),
        );
      }
    }
    for (let v: usize = 0; v < 64; v += 16) {
      let r = x + v;
      Table.over4<T>(t + v, v128.load(r), v128.load(r + stride), v128.load(r + 2 * stride), v128.load(r + 3 * stride));
    }
  }

  /** The 16 tables of 64 terms, 4 terms each. */
  static build4<T>(t: usize, x: usize, stride: usize): void {
    for (let end = t + 16 * T4; t < end; t += T4, x += 4 * stride) {
      for (let v: usize = 0; v < 64; v += 16) {
        let r = x + v;
        Table.over4<T>(t + v, v128.load(r), v128.load(r + stride), v128.load(r + 2 * stride), v128.load(r + 3 * stride));
      }
    }
  }

  /** Four entries of halves: base where both terms count positive, less x0, x1 or p = x0 + x1 where their signs change. */
  @inline static halves4(t: usize, base: v128, x0: v128, x1: v128, p: v128): void {
    v128.store(t, base);
    v128.store(t, i8x16.sub(base, x0), 64);
    v128.store(t, i8x16.sub(base, x1), 128);
    v128.store(t, i8x16.sub(base, p), 192);
  }

  /** Sixteen entries of halves: q = x2 + x3. */
  @inline static halves16(t: usize, base: v128, x0: v128, x1: v128, p: v128, x2: v128, x3: v128, q: v128): void {
    Table.halves4(t, base, x0, x1, p);
    Table.halves4(t + 256, i8x16.sub(base, x2), x0, x1, p);
    Table.halves4(t + 512, i8x16.sub(base, x3), x0, x1, p);
    Table.halves4(t + 768, i8x16.sub(base, q), x0, x1, p);
  }

  /** Twelve tables of halves and the thirteenth, of whole sums less the parities. */
  static buildHalves(t: usize, x: usize, stride: usize): void {
    const zero = i8x16.splat(0);
    const one = i8x16.splat(1);
    for (let v: usize = 0; v < 64; v += 16) {
      let r = x + v;
      let parities = zero;
      for (let g = t + v, end = g + LAST; g < end; g += T5, r += 5 * stride) {
        let x0 = v128.load(r),
          x1 = v128.load(r + stride),
          x2 = v128.load(r + 2 * stride),
          x3 = v128.load(r + 3 * stride),
          x4 = v128.load(r + 4 * stride);
        let p = i8x16.add(x0, x1),
          q = i8x16.add(x2, x3);
        let sum = i8x16.add(i8x16.add(p, q), x4); // |sum| <= 5 * 16 = 80
        parities = i8x16.add(parities, v128.and(sum, one));
        // ceil(sum / 2): an average rounds up, of unsigned bytes.
        let base = i8x16.sub(i8x16.avgr_u(i8x16.add(sum, i8x16.splat(-128)), zero), i8x16.splat(64));
        Table.halves16(g, base, x0, x1, p, x2, x3, q);
        Table.halves16(g + 1024, i8x16.sub(base, x4), x0, x1, p, x2, x3, q);
      }
      let x0 = v128.load(r),
        x1 = v128.load(r + stride),
        x2 = v128.load(r + 2 * stride),
        x3 = v128.load(r + 3 * stride);
      Table.entries16<i8>(t + LAST + v, i8x16.neg(parities), i8x16.add(x0, x1), i8x16.sub(x1, x0), i8x16.add(x2, x3), i8x16.sub(x3, x2));
    }
  }

  /**
   * Tables of 64 terms in scratch memory at t, of which only the first `terms` exist; the others count as zero. `place`, unless it is 0, is the argmax
   * of the lanes, u8, 64 / sizeof<T>() bytes of each term, `placeStride` apart: lanes count as zero where it is not k.
   */
  @inline static build<T>(t: usize, x: usize, stride: usize, terms: i32, kind: i32, place: usize, placeStride: usize, k: i32): void {
    if (terms < 64 || place != 0) {
      const stage = t + STAGE;
      if (place != 0) Stage.masked<T>(stage, x, stride, terms, place, placeStride, k);
      else for (let j = 0; j < terms; j++) memory.copy(stage + ((<usize>j) << 6), x + <usize>j * stride, 64);
      memory.fill(stage + ((<usize>terms) << 6), 0, (<usize>(64 - terms)) << 6);
      x = stage;
      stride = 64;
    }
    if (sizeof<T>() == 1 && kind == HALVES) Table.buildHalves(t, x, stride);
    else if (kind == OVER_4) Table.build4<T>(t, x, stride);
    else Table.build5<T>(t, x, stride);
  }
}

abstract class Stage {
  /** v, where the mask is all bits 1. */
  @inline static and(to: usize, from: usize, mask: v128): void {
    v128.store(to, v128.and(v128.load(from), mask));
  }

  /** Copies `terms` terms; lanes of T whose argmax is not k become 0. */
  static masked<T>(to: usize, x: usize, stride: usize, terms: i32, place: usize, placeStride: usize, k: i32): void {
    const own = i8x16.splat(<i8>k);
    for (let end = to + ((<usize>terms) << 6); to < end; to += 64, x += stride, place += placeStride) {
      if (sizeof<T>() == 1) {
        for (let v: usize = 0; v < 64; v += 16) Stage.and(to + v, x + v, i8x16.eq(v128.load(place + v), own));
      } else if (sizeof<T>() == 2) {
        for (let v: usize = 0; v < 64; v += 32) {
          let mask = i8x16.eq(v128.load(place + (v >> 1)), own);
          Stage.and(to + v, x + v, i16x8.extend_low_i8x16_s(mask));
          Stage.and(to + v + 16, x + v + 16, i16x8.extend_high_i8x16_s(mask));
        }
      } else {
        let mask = i8x16.eq(v128.load(place), own);
        let low = i16x8.extend_low_i8x16_s(mask),
          high = i16x8.extend_high_i8x16_s(mask);
        Stage.and(to, x, i32x4.extend_low_i16x8_s(low));
        Stage.and(to + 16, x + 16, i32x4.extend_high_i16x8_s(low));
        Stage.and(to + 32, x + 32, i32x4.extend_low_i16x8_s(high));
        Stage.and(to + 48, x + 48, i32x4.extend_high_i16x8_s(high));
      }
    }
  }
}

/** Byte offsets of entries. Mask before shift: 6-8 % faster in dX on V8 13 than shift before mask. */
export abstract class Index {
  /** In the first, second, third or fourth table over 5 terms: the entry that bits 0-4, 5-9, 10-14 or 15-19 select. */
  @inline static a5(bits: u64): usize {
    return (<usize>bits & 0x1f) << 6;
  }
  @inline static b5(bits: u64): usize {
    return (<usize>bits & 0x3e0) << 1;
  }
  @inline static c5(bits: u64): usize {
    return (<usize>bits & 0x7c00) >> 4;
  }
  @inline static d5(bits: u64): usize {
    return (<usize>bits & 0xf8000) >> 9;
  }
  /** The same for tables over 4 terms: bits 0-3, 4-7, 8-11, 12-15. */
  @inline static a4(bits: u64): usize {
    return (<usize>bits & 0xf) << 6;
  }
  @inline static b4(bits: u64): usize {
    return (<usize>bits & 0xf0) << 2;
  }
  @inline static c4(bits: u64): usize {
    return (<usize>bits & 0xf00) >> 2;
  }
  @inline static d4(bits: u64): usize {
    return (<usize>bits & 0xf000) >> 6;
  }
  /** The thirteenth table: bits 60-63. */
  @inline static last(bits: u64): usize {
    return (<usize>(bits >> 60)) << 6;
  }
}

export abstract class Sum {
  @inline static four<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
  }
  @inline static three(a: v128, b: v128, c: v128): v128 {
    return i8x16.add(i8x16.add(a, b), c);
  }
  /** y, 32 bytes of twice the width of T, += s. */
  @inline static widen<T>(y: usize, s: v128): void {
    v128.store(y, Sum.low<T>(v128.load(y), s));
    v128.store(y, Sum.high<T>(v128.load(y, 16), s), 16);
  }
  /** y + the lower or upper half of s, in twice the width of T; i16 saturates. */
  @inline static low<T>(y: v128, s: v128): v128 {
    return sizeof<T>() == 1 ? i16x8.add_sat_s(y, i16x8.extend_low_i8x16_s(s)) : i32x4.add(y, i32x4.extend_low_i16x8_s(s));
  }
  @inline static high<T>(y: v128, s: v128): v128 {
    return sizeof<T>() == 1 ? i16x8.add_sat_s(y, i16x8.extend_high_i8x16_s(s)) : i32x4.add(y, i32x4.extend_high_i16x8_s(s));
  }
  /** y + 2 (s + u) of the lower or upper half, from i8 to i16, saturating. Neighbours are added, which on x86 beats two sign extensions. */
  @inline static twiceLow(y: v128, s: v128, u: v128): v128 {
    return i16x8.add_sat_s(y, i16x8.shl(i16x8.extadd_pairwise_i8x16_s(Zip.low<i8>(s, u)), 1));
  }
  @inline static twiceHigh(y: v128, s: v128, u: v128): v128 {
    return i16x8.add_sat_s(y, i16x8.shl(i16x8.extadd_pairwise_i8x16_s(Zip.high<i8>(s, u)), 1));
  }
}

// Row kernels (t, word, y, stride, rows): to each of the rows at y, y + stride, ... add the entries that the next word selects.
// The row is loaded FIRST, so that memory is asked early, and lives in registers; entries are added by trees of four, and a
// loop body has 16 loads, because V8 before 13 hoists all loads of a basic block and spills beyond that.

/**
 * Tables of i8 and rows of i16, or tables of i16 and rows of i32, where the sum of a whole word fits the type of the terms: |x| <= 1 and <= 511. A row
 * is 128 bytes. Widened once, two tables and eight loads in a loop body, y loaded last. GMAC/s on one core of a Xeon (Cascade Lake), V8 13 / V8 11,
 * i8: 221 / 223; y first 221 / 192; four tables in a body 215 / 169, y first 219 / 182; widened every four tables, y first 169 / 176.
 * span: bytes of the tables over 5 terms that count, an even number of them. As the sixth parameter it makes V8 11 15 % slower.
 */
export function rowsOnce<T>(t: usize, word: usize, y: usize, span: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let last = t + LAST + Index.last(bits);
    let s0 = v128.load(last),
      s1 = v128.load(last, 16),
      s2 = v128.load(last, 32),
      s3 = v128.load(last, 48);
    for (let g = t, end = t + span; g < end; g += 2 * T5) {
      let a = g + Index.a5(bits),
        b = g + Index.b5(bits);
      s0 = v128.add<T>(s0, v128.add<T>(v128.load(a), v128.load(b, T5)));
      s1 = v128.add<T>(s1, v128.add<T>(v128.load(a, 16), v128.load(b, T5 + 16)));
      s2 = v128.add<T>(s2, v128.add<T>(v128.load(a, 32), v128.load(b, T5 + 32)));
      s3 = v128.add<T>(s3, v128.add<T>(v128.load(a, 48), v128.load(b, T5 + 48)));
      bits >>= 10;
    }
    Sum.widen<T>(y, s0);
    Sum.widen<T>(y + 32, s1);
    Sum.widen<T>(y + 64, s2);
    Sum.widen<T>(y + 96, s3);
    word += 8;
    y += stride;
  }
}

/** The same with the sixteen tables over 4 terms, i8. */
export function rowsOnce4(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let s0 = i8x16.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let g = t, end = t + 16 * T4; g < end; g += 2 * T4) {
      let a = g + Index.a4(bits),
        b = g + Index.b4(bits);
      s0 = i8x16.add(s0, i8x16.add(v128.load(a), v128.load(b, T4)));
      s1 = i8x16.add(s1, i8x16.add(v128.load(a, 16), v128.load(b, T4 + 16)));
      s2 = i8x16.add(s2, i8x16.add(v128.load(a, 32), v128.load(b, T4 + 32)));
      s3 = i8x16.add(s3, i8x16.add(v128.load(a, 48), v128.load(b, T4 + 48)));
      bits >>= 8;
    }
    Sum.widen<i8>(y, s0);
    Sum.widen<i8>(y + 32, s1);
    Sum.widen<i8>(y + 64, s2);
    Sum.widen<i8>(y + 96, s3);
    word += 8;
    y += stride;
  }
}

/**
 * Tables and rows of i16, |x| <= 511: the sum of a word is exact, and added to the row with saturation once. A row is 64 bytes. Two tables in a loop body
 * 131 / 127 GMAC/s (V8 13 / V8 11, as above), four 123 / 106, four with y first and saturating every time 122 / 119.
 */
export function rowsSaturating(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let last = t + LAST + Index.last(bits);
    let s0 = v128.load(last),
      s1 = v128.load(last, 16),
      s2 = v128.load(last, 32),
      s3 = v128.load(last, 48);
    for (let g = t, end = t + LAST; g < end; g += 2 * T5) {
      let a = g + Index.a5(bits),
        b = g + T5 + Index.b5(bits);
      s0 = i16x8.add(s0, i16x8.add(v128.load(a), v128.load(b)));
      s1 = i16x8.add(s1, i16x8.add(v128.load(a, 16), v128.load(b, 16)));
      s2 = i16x8.add(s2, i16x8.add(v128.load(a, 32), v128.load(b, 32)));
      s3 = i16x8.add(s3, i16x8.add(v128.load(a, 48), v128.load(b, 48)));
      bits >>= 10;
    }
    v128.store(y, i16x8.add_sat_s(v128.load(y), s0));
    v128.store(y, i16x8.add_sat_s(v128.load(y, 16), s1), 16);
    v128.store(y, i16x8.add_sat_s(v128.load(y, 32), s2), 32);
    v128.store(y, i16x8.add_sat_s(v128.load(y, 48), s3), 48);
    word += 8;
    y += stride;
  }
}

/** Tables of i8, |x| <= 6, and rows of i16; a row is 128 bytes. Widened every four tables. */
export function rowsWide(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let y0 = v128.load(y),
      y1 = v128.load(y, 16),
      y2 = v128.load(y, 32),
      y3 = v128.load(y, 48);
    let y4 = v128.load(y, 64),
      y5 = v128.load(y, 80),
      y6 = v128.load(y, 96),
      y7 = v128.load(y, 112);
    let a = t + LAST + Index.last(bits);
    let s = v128.load(a);
    y0 = Sum.low<i8>(y0, s);
    y1 = Sum.high<i8>(y1, s);
    s = v128.load(a, 16);
    y2 = Sum.low<i8>(y2, s);
    y3 = Sum.high<i8>(y3, s);
    s = v128.load(a, 32);
    y4 = Sum.low<i8>(y4, s);
    y5 = Sum.high<i8>(y5, s);
    s = v128.load(a, 48);
    y6 = Sum.low<i8>(y6, s);
    y7 = Sum.high<i8>(y7, s);
    for (let g = t, end = t + LAST; g < end; g += 4 * T5) {
      let a = g + Index.a5(bits),
        b = g + Index.b5(bits),
        c = g + Index.c5(bits),
        d = g + Index.d5(bits);
      s = Sum.four<i8>(v128.load(a), v128.load(b, T5), v128.load(c, 2 * T5), v128.load(d, 3 * T5));
      y0 = Sum.low<i8>(y0, s);
      y1 = Sum.high<i8>(y1, s);
      s = Sum.four<i8>(v128.load(a, 16), v128.load(b, T5 + 16), v128.load(c, 2 * T5 + 16), v128.load(d, 3 * T5 + 16));
      y2 = Sum.low<i8>(y2, s);
      y3 = Sum.high<i8>(y3, s);
      s = Sum.four<i8>(v128.load(a, 32), v128.load(b, T5 + 32), v128.load(c, 2 * T5 + 32), v128.load(d, 3 * T5 + 32));
      y4 = Sum.low<i8>(y4, s);
      y5 = Sum.high<i8>(y5, s);
      s = Sum.four<i8>(v128.load(a, 48), v128.load(b, T5 + 48), v128.load(c, 2 * T5 + 48), v128.load(d, 3 * T5 + 48));
      y6 = Sum.low<i8>(y6, s);
      y7 = Sum.high<i8>(y7, s);
      bits >>= 20;
    }
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
    v128.store(y, y4, 64);
    v128.store(y, y5, 80);
    v128.store(y, y6, 96);
    v128.store(y, y7, 112);
    word += 8;
    y += stride;
  }
}

/**
 * Halves, six tables at a time, and rows of i16, saturating. GMAC/s with tables for 9 * 128 rows, one core of a Xeon (Cascade Lake), V8 13 / V8 11:
 * 149 / 142; trees of four, |x| <= 12: 150 / 150. Rejected: whole sums as biased bytes (entries + 60, added in pairs, odd bytes split off by a shift)
 * over 4 terms of ±15: 112 / 134, over 5 terms of ±12: 151 / 133; doubling once a row instead of every time: 143 / 110. rowsWide of ±6: 167 / 172.
 */
export function rowsHalves(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let y0 = v128.load(y),
      y1 = v128.load(y, 16),
      y2 = v128.load(y, 32),
      y3 = v128.load(y, 48);
    let y4 = v128.load(y, 64),
      y5 = v128.load(y, 80),
      y6 = v128.load(y, 96),
      y7 = v128.load(y, 112);
    let a = t + LAST + Index.last(bits);
    let s = v128.load(a);
    y0 = Sum.low<i8>(y0, s);
    y1 = Sum.high<i8>(y1, s);
    s = v128.load(a, 16);
    y2 = Sum.low<i8>(y2, s);
    y3 = Sum.high<i8>(y3, s);
    s = v128.load(a, 32);
    y4 = Sum.low<i8>(y4, s);
    y5 = Sum.high<i8>(y5, s);
    s = v128.load(a, 48);
    y6 = Sum.low<i8>(y6, s);
    y7 = Sum.high<i8>(y7, s);
    for (let g = t, end = t + LAST; g < end; g += 6 * T5) {
      let a = g + Index.a5(bits),
        b = g + Index.b5(bits),
        c = g + Index.c5(bits);
      bits >>= 15;
      let d = g + Index.a5(bits),
        e = g + Index.b5(bits),
        f = g + Index.c5(bits);
      bits >>= 15;
      s = Sum.three(v128.load(a), v128.load(b, T5), v128.load(c, 2 * T5));
      let u = Sum.three(v128.load(d, 3 * T5), v128.load(e, 4 * T5), v128.load(f, 5 * T5));
      y0 = Sum.twiceLow(y0, s, u);
      y1 = Sum.twiceHigh(y1, s, u);
      s = Sum.three(v128.load(a, 16), v128.load(b, T5 + 16), v128.load(c, 2 * T5 + 16));
      u = Sum.three(v128.load(d, 3 * T5 + 16), v128.load(e, 4 * T5 + 16), v128.load(f, 5 * T5 + 16));
      y2 = Sum.twiceLow(y2, s, u);
      y3 = Sum.twiceHigh(y3, s, u);
      s = Sum.three(v128.load(a, 32), v128.load(b, T5 + 32), v128.load(c, 2 * T5 + 32));
      u = Sum.three(v128.load(d, 3 * T5 + 32), v128.load(e, 4 * T5 + 32), v128.load(f, 5 * T5 + 32));
      y4 = Sum.twiceLow(y4, s, u);
      y5 = Sum.twiceHigh(y5, s, u);
      s = Sum.three(v128.load(a, 48), v128.load(b, T5 + 48), v128.load(c, 2 * T5 + 48));
      u = Sum.three(v128.load(d, 3 * T5 + 48), v128.load(e, 4 * T5 + 48), v128.load(f, 5 * T5 + 48));
      y6 = Sum.twiceLow(y6, s, u);
      y7 = Sum.twiceHigh(y7, s, u);
    }
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
    v128.store(y, y4, 64);
    v128.store(y, y5, 80);
    v128.store(y, y6, 96);
    v128.store(y, y7, 112);
    word += 8;
    y += stride;
  }
}

/**
 * Tables and rows of f32; a row is 64 bytes. Table offsets are part of the addresses here: as immediates they cost 15 % on V8 11 and win nothing
 * on V8 13. Two tables in a loop body would be 6 % faster and add in another order.
 */
export function rowsF32(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let y0 = v128.load(y),
      y1 = v128.load(y, 16),
      y2 = v128.load(y, 32),
      y3 = v128.load(y, 48);
    let a = t + LAST + Index.last(bits);
    y0 = f32x4.add(y0, v128.load(a));
    y1 = f32x4.add(y1, v128.load(a, 16));
    y2 = f32x4.add(y2, v128.load(a, 32));
    y3 = f32x4.add(y3, v128.load(a, 48));
    for (let g = t, end = t + LAST; g < end; g += 4 * T5) {
      let a = g + Index.a5(bits),
        b = g + T5 + Index.b5(bits),
        c = g + 2 * T5 + Index.c5(bits),
        d = g + 3 * T5 + Index.d5(bits);
      y0 = f32x4.add(y0, Sum.four<f32>(v128.load(a), v128.load(b), v128.load(c), v128.load(d)));
      y1 = f32x4.add(y1, Sum.four<f32>(v128.load(a, 16), v128.load(b, 16), v128.load(c, 16), v128.load(d, 16)));
      y2 = f32x4.add(y2, Sum.four<f32>(v128.load(a, 32), v128.load(b, 32), v128.load(c, 32), v128.load(d, 32)));
      y3 = f32x4.add(y3, Sum.four<f32>(v128.load(a, 48), v128.load(b, 48), v128.load(c, 48), v128.load(d, 48)));
      bits >>= 20;
    }
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
    word += 8;
    y += stride;
  }
}
