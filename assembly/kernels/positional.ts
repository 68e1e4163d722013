// Binary convolutions of ONE image: lanes are 64 neighbouring positions instead of 64 images. Tables, row kernels and weight words
// are those of training.
//
//   y[c][o] = sum over taps k and input channels i of w[c][k][i] x[i][o * stride - padding + k]      taps outside the map are skipped
//
//   x  i8 ±1 planes [cin][xStride], position after position, no padding columns; readable up to a multiple of 64 positions
//   w  u64 [tap][ceil(cin / 64)][cout], bits along cin
//   y  i16 planes [cout][yStride], |y| <= kh * kw * cin <= 32,767; writable up to a multiple of 64 positions
//
// Two forms. Where the result has the size of the input (odd square kernel, stride 1, padding = kernel / 2), the tables of 64 input
// positions are added, for each tap, to y at that tap's distance (unaligned). What leaves the map above or below falls into a guard
// zone of padding * (width + 1) positions before and after each plane of y; what would wrap around a row end, and lanes behind the map,
// are masked to zero before the tables are built, once per kx. Every other convolution gathers, for each tap, the input of 64 output positions.
//
// Channels and lanes that do not exist are zero VALUES, so whatever the spare bits and lanes hold, they do not count.

import { Index, LAST, ROWS_FOR_FIVE, rowsWide, rowsWide4, SCRATCH_FREE, STAGE, Sum, T5, Table } from './lookup';

/** Where the mask of 64 lanes lies in scratch memory, and the list of runs after it: behind the staged terms, and 64 bytes that these may overrun. */
const MASK: usize = SCRATCH_FREE + 64;
/** Output channels in a work item. */
const CHUNK: i32 = 64;

/** As rowsWide<i8> for the first 16 lanes only; sums of ±1 stay in i8: 64 <= 127. */
function rows16(t: usize, word: usize, y: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    let bits = load<u64>(word);
    let y0 = v128.load(y),
      y1 = v128.load(y, 16);
    let s = v128.load(t + LAST + Index.last(bits));
    for (let g = t, end = t + LAST; g < end; g += 4 * T5) {
      let a = g + Index.a5(bits),
        b = g + Index.b5(bits),
        c = g + Index.c5(bits),
        d = g + Index.d5(bits);
      s = i8x16.add(s, Sum.four<i8>(v128.load(a), v128.load(b, T5), v128.load(c, 2 * T5), v128.load(d, 3 * T5)));
      bits >>= 20;
    }
    v128.store(y, Sum.low<i8>(y0, s));
    v128.store(y, Sum.high<i8>(y1, s), 16);
    word += 8;
    y += stride;
  }
}

abstract class Lanes {
  /** Adds the tables at t to rows of y, of which the first `lanes` positions matter. */
  @inline static add(t: usize, word: usize, y: usize, stride: usize, rows: i32, lanes: i32, nibble: bool): void {
    if (nibble) rowsWide4<i8>(t, word, y, stride, rows);
    else if (lanes <= 16) rows16(t, word, y, stride, rows);
    else rowsWide<i8>(t, word, y, stride, rows);
  }

  /** Mask i8 [64] of the positions p ... p + 63 that exist and whose column, moved by `shift`, is in the map. Returns whether all are. */
  static mask(mask: usize, p: i32, positions: i32, width: i32, shift: i32): bool {
    const lanes = min(64, positions - p);
    for (let v: usize = 0; v < 64; v += 16) v128.store(mask + v, i8x16.splat(-1));
    if (lanes < 64) memory.fill(mask + <usize>lanes, 0, <usize>(64 - lanes));
    let all = lanes == 64;
    // The columns that leave the map: the first -shift or the last shift of each row.
    const from = shift < 0 ? 0 : max(0, width - shift);
    const to = shift < 0 ? min(width, -shift) : width;
    for (let row = p - (p % width); row < p + lanes; row += width) {
      for (let i = max(p, row + from); i < min(p + lanes, row + to); i++) {
        store<i8>(mask + <usize>(i - p), 0);
        all = false;
      }
    }
    return all;
  }

  /** Stages `terms` masked planes, and zeros for the rest of the 64. */
  static stage(stage: usize, x: usize, stride: usize, terms: i32, mask: usize): void {
    let m0 = v128.load(mask),
      m1 = v128.load(mask, 16),
      m2 = v128.load(mask, 32),
      m3 = v128.load(mask, 48);
    for (let end = stage + ((<usize>terms) << 6); stage < end; stage += 64, x += stride) {
      v128.store(stage, v128.and(v128.load(x), m0));
      v128.store(stage, v128.and(v128.load(x, 16), m1), 16);
      v128.store(stage, v128.and(v128.load(x, 32), m2), 32);
      v128.store(stage, v128.and(v128.load(x, 48), m3), 48);
    }
    memory.fill(stage, 0, (<usize>(64 - terms)) << 6);
  }

  /**
   * Output positions p ... p + 63 and tap (ky, kx): mask i8 [64] of the inputs that are in the map, and the runs of them that lie in one
   * row, as i32 (first lane, lanes, offset of the first in a plane). Returns the number of runs. A run may begin and end outside: the mask tells.
   */
  static runs(
    mask: usize,
    list: usize,
    p: i32,
    positions: i32,
    outWidth: i32,
    height: i32,
    width: i32,
    stride: i32,
    padding: i32,
    ky: i32,
    kx: i32,
  ): i32 {
    let count = 0;
    memory.fill(mask, 0, 64);
    for (let lane = 0; lane < 64 && p + lane < positions; ) {
      const ox = (p + lane) % outWidth;
      const n = min(64 - lane, outWidth - ox);
      const iy = ((p + lane) / outWidth) * stride - padding + ky;
      const ix = ox * stride - padding + kx;
      if (iy >= 0 && iy < height) {
        let any = false;
        for (let i = 0, column = ix; i < n; i++, column += stride) {
          if (column < 0 || column >= width) continue;
          store<i8>(mask + <usize>(lane + i), -1);
          any = true;
        }
        if (any) {
          store<i32>(list, lane);
          store<i32>(list, n, 4);
          store<i32>(list, iy * width + ix, 8);
          list += 12;
          count++;
        }
      }
      lane += n;
    }
    return count;
  }

  /** Stages the runs of `terms` planes, and zeros for the rest of the 64. Vectors may write 15 lanes too many: into lanes that follow. */
  static gather(stage: usize, x: usize, xStride: usize, terms: i32, stride: i32, mask: usize, list: usize, count: i32): void {
    const stop = list + <usize>count * 12;
    for (let end = stage + ((<usize>terms) << 6); stage < end; stage += 64, x += xStride) {
      for (let run = list; run < stop; run += 12) {
        let to = stage + <usize>load<i32>(run),
          from = x + <usize>load<i32>(run, 8);
        const last = to + <usize>load<i32>(run, 4);
        if (stride == 1) {
          for (; to < last; to += 16, from += 16) v128.store(to, v128.load(from));
        } else if (stride == 2) {
          for (; to < last; to += 16, from += 32) v128.store(to, Lanes.even(v128.load(from), v128.load(from, 16)));
        } else {
          for (; to < last; to++, from += stride) store<i8>(to, load<i8>(from));
        }
      }
      for (let v: usize = 0; v < 64; v += 16) v128.store(stage + v, v128.and(v128.load(stage + v), v128.load(mask + v)));
    }
    memory.fill(stage, 0, (<usize>(64 - terms)) << 6);
  }

  @inline static even(a: v128, b: v128): v128 {
    return v128.shuffle<i8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  }

  @inline static build(t: usize, x: usize, stride: usize, nibble: bool): void {
    if (nibble) Table.build4<i8>(t, x, stride);
    else Table.build5<i8>(t, x, stride);
  }
}

/** Channels c0 ... c0 + n - 1 of y, which has the size of x. */
function scatter(
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
  kernel: i32,
  c0: i32,
  n: i32,
): void {
  const positions = height * width;
  const blocks = (cin + 63) >> 6;
  const padding = kernel >> 1;
  const nibble = n * kernel < ROWS_FOR_FIVE;
  const mask = scratch + MASK;
  for (let p = 0; p < positions; p += 64) {
    for (let kx = 0; kx < kernel; kx++) {
      const shift = padding - kx;
      const all = Lanes.mask(mask, p, positions, width, shift);
      for (let block = 0; block < blocks; block++) {
        const terms = min(64, cin - (block << 6));
        const from = x + ((<usize>block) << 6) * xStride + <usize>p;
        if (all && terms == 64) {
          Lanes.build(scratch, from, xStride, nibble);
        } else {
          Lanes.stage(scratch + STAGE, from, xStride, terms, mask);
          Lanes.build(scratch, scratch + STAGE, 64, nibble);
        }
        for (let ky = 0; ky < kernel; ky++) {
          const first = p + (padding - ky) * width + shift;
          if (first >= positions || first <= -64) continue;
          const word = w + ((<usize>(((ky * kernel + kx) * blocks + block) * cout + c0)) << 3);
          Lanes.add(scratch, word, y + <usize>c0 * yStride + ((<usize>first) << 1), yStride, n, positions - p, nibble);
        }
      }
    }
  }
}

/** The same for any kernel size, stride and padding. */
function collect(
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
  c0: i32,
  n: i32,
): void {
  const outWidth = (width + 2 * padding - kernelWidth) / stride + 1;
  const positions = ((height + 2 * padding - kernelHeight) / stride + 1) * outWidth;
  const blocks = (cin + 63) >> 6;
  const nibble = n < ROWS_FOR_FIVE;
  const mask = scratch + MASK;
  const list = mask + 64;
  for (let p = 0; p < positions; p += 64) {
    for (let k = 0; k < kernelHeight * kernelWidth; k++) {
      const ky = k / kernelWidth;
      const kx = k % kernelWidth;
      const count = Lanes.runs(mask, list, p, positions, outWidth, height, width, stride, padding, ky, kx);
      if (count == 0) continue;
      for (let block = 0; block < blocks; block++) {
        const from = x + ((<usize>block) << 6) * xStride;
        Lanes.gather(scratch + STAGE, from, xStride, min(64, cin - (block << 6)), stride, mask, list, count);
        Lanes.build(scratch, scratch + STAGE, 64, nibble);
        const word = w + ((<usize>((k * blocks + block) * cout + c0)) << 3);
        Lanes.add(scratch, word, y + <usize>c0 * yStride + ((<usize>p) << 1), yStride, n, positions - p, nibble);
      }
    }
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
  for (let c = c0; c < c0 + n; c++) memory.fill(y + <usize>c * yStride, 0, (<usize>(outHeight * outWidth)) << 1);
  if (stride == 1 && kernelHeight == kernelWidth && 2 * padding + 1 == kernelHeight) {
    scatter(scratch, x, w, y, xStride, yStride, height, width, cin, cout, kernelHeight, c0, n);
  } else {
    collect(scratch, x, w, y, xStride, yStride, height, width, cin, cout, kernelHeight, kernelWidth, stride, padding, c0, n);
  }
}
