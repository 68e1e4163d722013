/**
 * Batch norm + activation + sign of an integer or f32 as one compare. One routine for training, evaluation and export.
 *
 *     u = f32(f32(a x) + b),  v = u < 0 ? f32(slope u) : u  (clamping keeps its sign),  s = v < 0 ? -1 : +1
 *
 * s is monotone in x (rounding is monotone) or constant, so it equals `(x < t) xor flip`, with t found by bisection over the very
 * f32 expression: computing ceil(-b / a) in float64 would disagree for about 2 % of the channels of a young network.
 *
 * @module
 */

export interface Threshold {
  /** -32,768..32,767. */
  t: number;
  /** The bit is inverted: a falls, or the sign is constant -1. */
  flip: boolean;
}

/** Whether the sign of x is +1. a, b and slope are f32 values. */
export function isPositive(x: number, a: number, b: number, slope: number): boolean {
  const u = Math.fround(Math.fround(a * x) + b);
  return !((u < 0 ? Math.fround(slope * u) : u) < 0);
}

/** The threshold for x in [-n, n], n <= 32,767: s(x) = -1 exactly where (x < t) xor flip. */
export function foldThreshold(n: number, a: number, b: number, slope: number): Threshold {
  const first = isPositive(-n, a, b, slope);
  const last = isPositive(n, a, b, slope);
  if (first === last) return { t: -32768, flip: !first };
  let low = -n; // same sign as the first
  let high = n; // same sign as the last
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isPositive(middle, a, b, slope) === first) low = middle;
    else high = middle;
  }
  return { t: high, flip: first };
}

export interface RealThreshold {
  /** f32, or ±Infinity. */
  t: number;
  /** x is negated. */
  flip: boolean;
}

/** The threshold for f32: s(x) = -1 exactly where (flip ? -x : x) < t, for finite x and NaN, which is +1. */
export function foldRealThreshold(a: number, b: number, slope: number): RealThreshold {
  const size = Math.abs(a);
  if (size === 0) return { t: isPositive(0, 0, b, slope) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, flip: false };
  const below = (n: number): boolean => !isPositive(floatAt(n), size, b, slope);
  if (!below(-INFINITE)) return { t: Number.NEGATIVE_INFINITY, flip: false };
  // Floats by their number from 0 on. Steps that double, from the quotient on, which is a few floats off; then bisection.
  const guess = numberOf(Math.fround(-b / size));
  let low = guess;
  let high = guess;
  for (let step = 1; low > -INFINITE && !below(low); step *= 2) {
    high = low;
    low = Math.max(low - step, -INFINITE);
  }
  for (let step = 1; high < INFINITE && below(high); step *= 2) {
    low = high;
    high = Math.min(high + step, INFINITE);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (below(middle)) low = middle;
    else high = middle;
  }
  return { t: floatAt(high), flip: a < 0 };
}

const INFINITE = 0x7f800000;
const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The n-th float above 0, or below it for negative n. */
function floatAt(n: number): number {
  BITS[0] = Math.abs(n);
  return n < 0 ? -FLOAT[0] : FLOAT[0];
}

function numberOf(x: number): number {
  FLOAT[0] = Math.abs(x);
  return x < 0 ? -BITS[0] : BITS[0];
}
