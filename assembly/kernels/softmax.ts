// Softmax of one vector: y[c] = f32(e^(x[c] - max x) / sum over j of e^(x[j] - max x)), in f64, added in order. No host function:
// the same bits everywhere.

import { Exact } from '../lib/math';

/** x, y f32 [classes], x finite. Item = the vector. */
export function softmax_f32(scratch: usize, x: usize, y: usize, classes: i32, begin: i32, end: i32): void {
  const bytes = (<usize>classes) << 2;
  for (let item = begin; item < end; item++) {
    let top = load<f32>(x);
    for (let i: usize = 4; i < bytes; i += 4) top = max<f32>(top, load<f32>(x + i));
    let sum: f64 = 0;
    // First the sum, then the quotients.
    for (let pass = 0; pass < 2; pass++) {
      for (let i: usize = 0; i < bytes; i += 4) {
        const e = Exact.exp(<f64>load<f32>(x + i) - <f64>top);
        if (pass == 0) sum += e;
        else store<f32>(y + i, <f32>(e / sum));
      }
    }
  }
}
