// Random numbers as a pure function of (seed, purpose, step, index): Philox 4x32-10, in f32.
//
//   uniform: low + (high - low) * u / 2^32
//   normal:  scale * sqrt(-2 ln((u0 + 1/2) / 2^32)) * (cos, sin)(2 pi u1 / 2^32)      (Box and Muller 1958), evaluated in f64
//
// Element i uses word i mod 4 of Philox block i / 4 (normal: word pairs). Work item: 4,096 elements; counts need not be multiples
// of 4, but the memory behind `out` must reach to the next multiple.

import { Exact } from '../lib/math';
import { Philox } from '../lib/philox';

const ITEM: i32 = 4096;
const UNIT: f64 = 1.0 / 4294967296.0;

export function random_uniform_f32(
  scratch: usize,
  out: usize,
  key0: u32,
  key1: u32,
  purpose: u32,
  step: u32,
  low: f32,
  high: f32,
  count: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = begin * ITEM, stop = min(end * ITEM, count); i < stop; i += 4) {
    Philox.block(scratch, key0, key1, <u32>i >> 2, step, purpose);
    for (let j: usize = 0; j < 16; j += 4) {
      store<f32>(out + ((<usize>i) << 2) + j, <f32>(<f64>low + (<f64>high - <f64>low) * (<f64>load<u32>(scratch + j) * UNIT)));
    }
  }
}

export function random_normal_f32(
  scratch: usize,
  out: usize,
  key0: u32,
  key1: u32,
  purpose: u32,
  step: u32,
  scale: f32,
  count: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = begin * ITEM, stop = min(end * ITEM, count); i < stop; i += 4) {
    Philox.block(scratch, key0, key1, <u32>i >> 2, step, purpose);
    for (let j: usize = 0; j < 16; j += 8) {
      let radius = sqrt(-2 * Exact.log((<f64>load<u32>(scratch + j) + 0.5) * UNIT)) * <f64>scale;
      let turn = <f64>load<u32>(scratch + j, 4) * UNIT;
      let o = out + ((<usize>i) << 2) + j;
      store<f32>(o, <f32>(radius * Exact.cosTurn(turn)));
      store<f32>(o, <f32>(radius * Exact.sinTurn(turn)), 4);
    }
  }
}
