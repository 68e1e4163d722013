// Binary convolutions of ONE image by lookup: lanes are 64 neighbouring positions instead of 64 images. Tables and weight words are training's.
//
//   y[c][o] = sum over taps k and input channels i of w[c][k][i] x[i][o * stride - padding + k]      taps outside the map are skipped
//
//   x  i8 ±1 planes [cin][xStride], position after position, no padding columns; 1 KiB before and behind may be read
//   w  u64 [tap][ceil(cin / 64)][cout], bits along cin
//   y  i16 planes [cout][yStride], |y| <= kh * kw * cin <= 32,767; kh - 1 rows before and behind each plane, at most 64 positions, may be
//      overwritten, and lanes up to a multiple of 64
//
// Columns are gathered, rows are scattered. For a column kx of the filter and its rows ky = phase, phase + stride, ..., a strip has the
// columns of the output, rows of the output and some above and below, and the values that these taps meet:
//
//   strip[g][ox] = x[g * stride - padding + phase][ox * stride - padding + kx], zero where that column is outside the map
//   y[g - j][ox] += signed sums of strip[g][ox]                                           with the weights of ky = phase + j * stride
//
// So the tables of 64 positions of a strip serve all rows of the filter in its phase, each a whole number of rows away. Stride 1 has one phase,
// and where the output is as wide as the input, a strip is the map itself, moved by kx - padding. What leaves y falls between the planes.
//
// Channels and lanes that do not exist are zero VALUES, so whatever the spare bits and lanes hold, they do not count.
// Gathering rows, too, needs tables for every tap: 5-40 % slower with stride 2. Scattering columns, too, has y at odd addresses: no faster.

import { Index, LAST, rowsOnce, SCRATCH_FREE, Sum, T5, Table } from './lookup';

/** 64 terms of 64 lanes, staged in scratch memory. The last vector of a row may write 15 bytes too many. */
const STAGE: usize = SCRATCH_FREE;
const STAGE_ROW: usize = 80;
/** A mask of 64 lanes, read up to 15 bytes too far, and the list of runs behind it. */
const MASK: usize = STAGE + 64 * STAGE_ROW;
const RUNS: usize = MASK + 80;
/** Bytes of a run, three i32: first lane, lanes, offset of the first value in a plane. */
const RUN: usize = 12;
/** Output channels in a work item. */
const CHUNK: i32 = 64;

/**
 * Rows for 64 lanes, by themselves. Nobody asks for them; but since rowsOnce has a second caller, the compiler leaves it a function. Inside the
 * convolution, V8 11 keeps pointers of its loop in memory: 15 % slower.
 */
export function lookup_i8b1_i16(t: usize, word: usize, y: usize, span: usize, stride: usize, rows: i32): void {
  rowsOnce<i8>(t, word, y, span, stride, rows);
}

/** rowsOnce for the first 16 lanes only: small maps, and what is left over of others. `span` counts tables in fours. */
function rows16(t: usize, word: usize, y: usize, span: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let s = v128.load(t + LAST + Index.last(bits));
    for (let g = t, end = t + span; g < end; g += 4 * T5) {
      let a = g + Index.a5(bits),
        b = g + Index.b5(bits),
        c = g + Index.c5(bits),
        d = g + Index.d5(bits);
      s = i8x16.add(s, Sum.four<i8>(v128.load(a), v128.load(b, T5), v128.load(c, 2 * T5), v128.load(d, 3 * T5)));
      bits >>= 20;
    }
    Sum.widen<i8>(y, s);
    word += 8;
    y += stride;
  }
}

/** The first `lanes` lanes, 16 or 64, of the tables over 5 terms before t + span and of the last one. A term is `stride` bytes from the next. */
function build(t: usize, span: usize, x: usize, stride: usize, lanes: usize): void {
  let p = x;
  for (let g = t, end = t + span; g < end; g += T5, p += 5 * stride) {
    for (let v: usize = 0; v < lanes; v += 16) {
      let r = p + v;
      Table.over5<i8>(
        g + v,
        v128.load(r),
        v128.load(r + stride),
        v128.load(r + 2 * stride),
        v128.load(r + 3 * stride),
        v128.load(r + 4 * stride),
      );
    }
  }
  p = x + 60 * stride;
  for (let v: usize = 0; v < lanes; v += 16) {
    let r = p + v;
    Table.over4<i8>(t + LAST + v, v128.load(r), v128.load(r + stride), v128.load(r + 2 * stride), v128.load(r + 3 * stride));
  }
}

abstract class Runs {
  /**
   * The positions t ... t + lanes - 1 of a strip, `width` wide, whose columns are in [left, right): a mask of these lanes, and a run for each
   * row. `origin`: offset of the strip's first value in a plane; values are `stride` apart, rows `pitch`. Returns the end of the list.
   */
  static list(scratch: usize, t: i32, lanes: i32, width: i32, left: i32, right: i32, origin: i32, stride: i32, pitch: i32): usize {
    let run = scratch + RUNS;
    for (let v: usize = 0; v < 64; v += 16) v128.store(scratch + MASK + v, i8x16.splat(0));
    for (let lane = 0; lane < lanes; ) {
      const row = (t + lane) / width;
      const column = (t + lane) % width;
      const from = max(column, left);
      const count = min(column + lanes - lane, right) - from;
      if (count > 0) {
        const first = lane + from - column;
        Runs.store(run, first, count, origin + row * pitch + from * stride);
        run += RUN;
        for (let i = first; i < first + count; i++) store<i8>(scratch + MASK + <usize>i, -1);
      }
      lane += width - column;
    }
    return run;
  }

  @inline static store(run: usize, first: i32, count: i32, offset: i32): void {
    store<i32>(run, first);
    store<i32>(run, count, 4);
    store<i32>(run, offset, 8);
  }

  /** Stages the runs of `terms` planes. What a vector writes too much is zero or overwritten by the next run. */
  static stage(scratch: usize, x: usize, xStride: usize, terms: i32, stride: i32, end: usize): void {
    const step: usize = stride > 2 ? 1 : 16;
    for (let run = scratch + RUNS; run < end; run += RUN) {
      let lane = <usize>load<i32>(run);
      const last = lane + <usize>load<i32>(run, 4);
      for (let from = x + load<i32>(run, 8); lane < last; lane += step, from += step * stride) {
        const mask = v128.load(scratch + MASK + lane);
        let to = scratch + STAGE + lane;
        for (let p = from, stop = from + <usize>terms * xStride; p != stop; p += xStride, to += STAGE_ROW) {
          if (stride == 1) v128.store(to, v128.and(v128.load(p), mask));
          else if (stride == 2) v128.store(to, v128.and(Runs.even(v128.load(p), v128.load(p, 16)), mask));
          else store<i8>(to, load<i8>(p));
        }
      }
    }
  }

  @inline static even(a: v128, b: v128): v128 {
    return v128.shuffle<i8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  }
}

/** Item = 64 output channels. Neighbouring items share their tables. y is overwritten. */
export function conv2d_b1b1_i16(
  scratch: usize,
  x: usize,
  w: usize,
  y: usize,
  xStride: usize,
  yStride: usize,
  height: i32,
  width: i32,
  cin: i32,
  cout: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  padding: i32,
  begin: i32,
  end: i32,
): void {
  const c0 = begin * CHUNK;
  const n = min(cout, end * CHUNK) - c0;
  const outHeight = (height + 2 * padding - kernelHeight) / stride + 1;
  const outWidth = (width + 2 * padding - kernelWidth) / stride + 1;
  const outputs = outHeight * outWidth;
  const blocks = (cin + 63) >> 6;
  const flat = stride == 1 && outWidth == width;
  y += <usize>c0 * yStride;
  for (let c = 0, plane = y; c < n; c++, plane += yStride) memory.fill(plane, 0, (<usize>outputs) << 1);
  for (let phase = 0; phase < min(stride, kernelHeight); phase++) {
    // Rows g0 ... g1 - 1 of the strip: in the map, and of use to some output.
    const g0 = (max(0, padding - phase) + stride - 1) / stride;
    const g1 = min((height + padding - phase + stride - 1) / stride, outHeight + (kernelHeight - 1 - phase) / stride);
    const positions = (g1 - g0) * outWidth;
    for (let t = 0; t < positions; t += 64) {
      const lanes = min(64, positions - t);
      const vectors = lanes <= 16 ? 16 : 64;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const left = (max(0, padding - kx) + stride - 1) / stride;
        const right = min(outWidth, (width + padding - kx + stride - 1) / stride);
        const origin = (g0 * stride - padding + phase) * width - padding + kx;
        let runs = Runs.list(scratch, t, lanes, outWidth, left, right, origin, stride, stride * width);
        if (runs == scratch + RUNS) continue;
        if (flat) {
          // One run, rows and all.
          runs = scratch + RUNS + RUN;
          Runs.store(scratch + RUNS, 0, vectors, origin + t);
        }
        const whole = flat && lanes == 64 && left == 0 && right == width;
        for (let block = 0; block < blocks; block++) {
          const terms = min(64, cin - (block << 6));
          const span = min(LAST, <usize>((terms + 19) / 20) * (4 * T5));
          const from = x + ((<usize>block) << 6) * xStride;
          if (whole && terms == 64) {
            build(scratch, span, from + (origin + t), xStride, 64);
          } else {
            if (!flat || terms < 64) memory.fill(scratch + STAGE, 0, 64 * STAGE_ROW);
            Runs.stage(scratch, from, xStride, terms, stride, runs);
            build(scratch, span, scratch + STAGE, STAGE_ROW, vectors);
          }
          for (let ky = phase, first = t + g0 * outWidth; ky < kernelHeight; ky += stride, first -= outWidth) {
            if (first >= outputs || first <= -64) continue;
            const word = w + ((<usize>(((ky * kernelWidth + kx) * blocks + block) * cout + c0)) << 3);
            const to = y + ((<usize>first) << 1);
            if (vectors == 16) rows16(scratch, word, to, span, yStride, n);
            else rowsOnce<i8>(scratch, word, to, span, yStride, n);
          }
        }
      }
    }
  }
}
