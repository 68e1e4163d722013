// Softmax and cross-entropy over classes, mean over the images that count.
//
//   p = softmax(logits),   t = (1 - e) onehot(label) + e / classes        e: label smoothing (Szegedy et al., CVPR 2016), 0: none
//   loss = -sum over classes of t ln p,   dlogits = (p - t) / count
//
// logits, dlogits, probabilities f32 [G][classes][64 images]; labels i32 [G][64]; losses f64 [G][64]. Evaluated in f64.

import { Exact } from '../lib/math';

/** p of one image into scratch as f64 [classes rounded up to 4]; returns ln(sum of e^(logit - largest)) + largest. logits: 256 bytes from class to class. */
function softmax(scratch: usize, logits: usize, classes: i32): f64 {
  let largest: f64 = -Infinity;
  for (let c: usize = 0; c < <usize>classes; c++) largest = max<f64>(largest, <f64>load<f32>(logits + (c << 8)));
  let sum: f64 = 0;
  for (let c: usize = 0; c < <usize>classes; c++) store<f64>(scratch + (c << 3), <f64>load<f32>(logits + (c << 8)) - largest);
  for (let c: usize = 0; c < <usize>classes; c += 4) Exact.expFour(scratch + (c << 3));
  for (let c: usize = 0; c < <usize>classes; c++) sum += load<f64>(scratch + (c << 3));
  for (let c: usize = 0; c < <usize>classes; c++) store<f64>(scratch + (c << 3), load<f64>(scratch + (c << 3)) / sum);
  return largest + Exact.log(sum);
}

/** losses and dlogits; 0 for images from `count` on. Up to 8,192 classes (scratch). Item = group. */
export function cross_entropy_f32(
  scratch: usize,
  logits: usize,
  labels: usize,
  losses: usize,
  dlogits: usize,
  classes: i32,
  count: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  const rest = smoothing / <f64>classes;
  for (let i = (<usize>begin) << 6; i < (<usize>end) << 6; i++) {
    const first = (((i >> 6) * <usize>classes) << 8) + ((i & 63) << 2);
    if (<i32>i >= count) {
      for (let c: usize = 0; c < <usize>classes; c++) store<f32>(dlogits + first + (c << 8), 0);
      store<f64>(losses + (i << 3), 0);
      continue;
    }
    const label = load<i32>(labels + (i << 2));
    const total = softmax(scratch, logits + first, classes);
    let sum: f64 = 0; // of t times logit
    for (let c: usize = 0; c < <usize>classes; c++) {
      const target = (<i32>c == label ? 1 - smoothing : 0) + rest;
      const p = load<f64>(scratch + (c << 3));
      store<f32>(dlogits + first + (c << 8), <f32>((p - target) / <f64>count));
      sum += target * <f64>load<f32>(logits + first + (c << 8));
    }
    store<f64>(losses + (i << 3), total - sum);
  }
}
