// The weight gradient of binary convolutions and linear layers, on 64 images at a time.
//
//   dw[k] = sum over positions o of dy[o] x[i]^T        i = o * stride - padding + k, positions outside the map are skipped
//
//   dyT      T [tile][G][OH][OW][64 images][L], T = i8, i16 or f32, L = 64 / sizeof<T>() output channels per tile, spare lanes 0
//   argmaxT  u8 in the layout of dyT
//   bits     u64 [G][H][W][cin], signs of x along the 64 images
//   dw       f32 or i32 [ceil(cout / 32)][tap][cin][32], spare lanes hold 0: they are set to 0, or not written
//
// Behind a max pool dyT and argmaxT are those of the POOLED map, [OH / pool][OW / pool], as in conv2d_lookup. No pool: argmaxT 0, pool 1.

import { Chunk, ConvShape, Rows } from './conv2d_lookup';
import { HALVES, MAX_WHOLE, OVER_5, SCRATCH_FREE, Table } from './lookup';

/** Sums that the scratch memory holds behind the tables: rows of 64 lanes of i16, nine taps of 128 channels. */
const SUM_ROWS: i32 = 9 * 128;

abstract class Position {
  /** Builds the tables of position (py, px) before the pool. first: number of the tile's and group's first block of 64 images. */
  @inline static build<T>(
    scratch: usize,
    dyT: usize,
    argmaxT: usize,
    s: ConvShape,
    pool: i32,
    first: i32,
    py: i32,
    px: i32,
    kind: i32,
  ): void {
    const lanes: usize = 64 / sizeof<T>();
    const block = <usize>(first + (py / pool) * (s.outWidth / pool) + px / pool);
    const place = argmaxT != 0 ? argmaxT + block * (64 * lanes) : 0;
    Table.build<T>(scratch, dyT + (block << 12), 64, 64, kind, place, lanes, (py % pool) * pool + (px % pool));
  }
}

/**
 * Adds sums i16 [taps][n][64 lanes] to dw, i32 rows of 32 lanes: half h of the lanes to the rows at dw + h * tileBytes, taps `tapBytes` apart. Clears
 * the sums.
 */
function widen(sums: usize, dw: usize, halves: usize, tileBytes: usize, taps: usize, tapBytes: usize, n: usize): void {
  for (let half: usize = 0; half < halves; half++) {
    for (let tap: usize = 0; tap < taps; tap++) {
      let s = sums + ((tap * n) << 7) + (half << 6);
      let row = dw + half * tileBytes + tap * tapBytes;
      for (let end = row + (n << 7); row < end; row += 128, s += 128) {
        for (let v: usize = 0; v < 64; v += 16) {
          let sum = v128.load(s + v);
          let o = row + 2 * v;
          v128.store(o, i32x4.add(v128.load(o), i32x4.extend_low_i16x8_s(sum)));
          v128.store(o, i32x4.add(v128.load(o, 16), i32x4.extend_high_i16x8_s(sum)), 16);
        }
      }
    }
  }
  memory.fill(sums, 0, (taps * n) << 7);
}

/**
 * |dy| <= qmax <= 16, i32: exact while OH * OW * G * 64 * qmax < 2^31. Sums run in i16 for as many positions as fit (34 of ±15, 85 of ±6) and are
 * then widened. A pass takes the channels and rows of the kernel that the scratch memory has room for: all, up to nine taps.
 * Items: ceil(cin / chunk) * ceil(cout / 64).
 */
export function conv2d_i8b1_i32_dw(
  scratch: usize,
  dyT: usize,
  argmaxT: usize,
  bits: usize,
  dw: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<ConvShape>(shape);
  const cin = s.cin;
  const kw = s.kernelWidth;
  const height = s.outHeight / pool;
  const width = s.outWidth / pool;
  const tiles = (s.cout + 63) >> 6;
  const tapBytes = (<usize>cin) << 7;
  const tileBytes = <usize>(s.kernelHeight * kw) * tapBytes; // of 32 output channels
  const kind = qmax > MAX_WHOLE ? HALVES : OVER_5;
  const span = 32767 / (64 * qmax);
  const sums = scratch + SCRATCH_FREE;
  const chunk = Chunk.of(cin, s.kernelHeight * kw);
  for (let item = begin; item < end; item++) {
    const tile = item % tiles;
    const n0 = (item / tiles) * chunk;
    const n1 = min(n0 + chunk, cin);
    const out = dw + <usize>(2 * tile) * tileBytes;
    const halves: usize = (tile << 6) + 32 < s.cout ? 2 : 1;
    const channels = min(n1 - n0, SUM_ROWS / kw);
    const kernelRows = SUM_ROWS / (kw * channels);
    for (let c0 = n0; c0 < n1; c0 += channels) {
      const n = min(channels, n1 - c0);
      const sumTap = (<usize>n) << 7;
      for (let k0 = 0; k0 < s.kernelHeight; k0 += kernelRows) {
        const k1 = min(k0 + kernelRows, s.kernelHeight);
        const taps = <usize>((k1 - k0) * kw);
        const first = out + <usize>(k0 * kw) * tapBytes + ((<usize>c0) << 7);
        memory.fill(sums, 0, taps * sumTap);
        for (let half: usize = 0; half < halves; half++)
          for (let tap: usize = 0; tap < taps; tap++) memory.fill(first + half * tileBytes + tap * tapBytes, 0, sumTap);
        let left = span;
        for (let group = 0; group < s.groups; group++) {
          const block0 = (tile * s.groups + group) * height * width;
          const words = bits + ((<usize>(group * s.height * s.width) * <usize>cin) << 3);
          for (let py = 0; py < height * pool; py++) {
            for (let px = 0; px < width * pool; px++) {
              Position.build<i8>(scratch, dyT, argmaxT, s, pool, block0, py, px, kind);
              for (let ky = k0; ky < k1; ky++) {
                let iy = py * s.stride - s.padding + ky;
                if (iy < 0 || iy >= s.height) continue;
                for (let kx = 0; kx < kw; kx++) {
                  let ix = px * s.stride - s.padding + kx;
                  if (ix < 0 || ix >= s.width) continue;
                  let word = words + ((<usize>(iy * s.width + ix) * <usize>cin + <usize>c0) << 3);
                  Rows.add<i8, i16>(scratch, word, sums + <usize>((ky - k0) * kw + kx) * sumTap, 128, n, kind);
                }
              }
              if (--left == 0) {
                widen(sums, first, halves, tileBytes, taps, tapBytes, <usize>n);
                left = span;
              }
            }
          }
        }
        widen(sums, first, halves, tileBytes, taps, tapBytes, <usize>n);
      }
    }
  }
}

/** The same without sums in between. Item = (chunk of input channels) * tiles + tile of output channels. */
function weightGradient<T, A>(
  scratch: usize,
  dyT: usize,
  argmaxT: usize,
  bits: usize,
  dw: usize,
  s: ConvShape,
  pool: i32,
  begin: i32,
  end: i32,
): void {
  const lanes: i32 = 64 / sizeof<T>();
  const cin = s.cin;
  const taps = s.kernelHeight * s.kernelWidth;
  const height = s.outHeight / pool;
  const width = s.outWidth / pool;
  const tiles = (s.cout + lanes - 1) / lanes;
  const rowBytes: usize = 128; // 32 lanes of 4 bytes
  const tapBytes = <usize>cin * rowBytes;
  const chunk = Chunk.of(cin, taps);
  for (let item = begin; item < end; item++) {
    const tile = item % tiles;
    const n0 = (item / tiles) * chunk;
    const n = min(chunk, cin - n0);
    const first = tile * lanes; // output channel of the first lane
    const out = dw + <usize>(first >> 5) * <usize>taps * tapBytes + <usize>n0 * rowBytes + ((<usize>(first & 31)) << 2);
    for (let tap: usize = 0; tap < <usize>taps; tap++) {
      for (let row = out + tap * tapBytes, stop = row + <usize>n * rowBytes; row < stop; row += rowBytes)
        memory.fill(row, 0, (<usize>lanes) << 2);
    }
    for (let group = 0; group < s.groups; group++) {
      const block0 = (tile * s.groups + group) * height * width;
      const words = bits + ((<usize>(group * s.height * s.width) * <usize>cin) << 3);
      for (let py = 0; py < height * pool; py++) {
        for (let px = 0; px < width * pool; px++) {
          Position.build<T>(scratch, dyT, argmaxT, s, pool, block0, py, px, OVER_5);
          for (let ky = 0; ky < s.kernelHeight; ky++) {
            let iy = py * s.stride - s.padding + ky;
            if (iy < 0 || iy >= s.height) continue;
            for (let kx = 0; kx < s.kernelWidth; kx++) {
              let ix = px * s.stride - s.padding + kx;
              if (ix < 0 || ix >= s.width) continue;
              let word = words + ((<usize>(iy * s.width + ix) * <usize>cin + <usize>n0) << 3);
              Rows.add<T, A>(scratch, word, out + <usize>(ky * s.kernelWidth + kx) * tapBytes, rowBytes, n, OVER_5);
            }
          }
        }
      }
    }
  }
}

/** |dy| <= qmax <= 511, i32: exact while OH * OW * G * 64 * qmax < 2^31. Items: ceil(cin / chunk) * ceil(cout / 32). */
export function conv2d_i16b1_i32_dw(
  scratch: usize,
  dyT: usize,
  argmaxT: usize,
  bits: usize,
  dw: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  weightGradient<i16, i32>(scratch, dyT, argmaxT, bits, dw, changetype<ConvShape>(shape), pool, begin, end);
}

/** f32, qmax has no meaning: positions in order, so one sum has one order. Items: ceil(cin / chunk) * ceil(cout / 16). */
export function conv2d_f32b1_f32_dw(
  scratch: usize,
  dyT: usize,
  argmaxT: usize,
  bits: usize,
  dw: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  weightGradient<f32, f32>(scratch, dyT, argmaxT, bits, dw, changetype<ConvShape>(shape), pool, begin, end);
}
