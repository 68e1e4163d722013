/**
 * y[c] = f32(e^(x[c] - max x) / sum over j of e^(x[j] - max x)), in f64, added in order.
 *
 * No host function, whose last bits differ between engines: + - * / alone, the same bits everywhere, as `assembly/lib/math.ts` does in training.
 *
 * @module
 */

/** The upper 33 bits of ln 2, and the rest: k * LN2_HIGH is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** x finite, f32 [classes] -> a fresh f32 [classes]. */
export function softmax(x: Float32Array): Float32Array {
  let top = x[0];
  for (const value of x) if (value > top) top = value;
  const powers = Float64Array.from(x, (value) => exp(value - top));
  let sum = 0;
  for (const power of powers) sum += power;
  return Float32Array.from(powers, (power) => power / sum);
}

/** e^x for x <= 0, relative error below 4e-16: x = k ln 2 + r with |r| <= ln 2 / 2, Taylor polynomial of degree 13. */
function exp(x: number): number {
  if (x < -708) return 0; // subnormal results count as 0
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let p = 1;
  for (let i = 13; i > 0; i--) p = 1 + (r * p) / i;
  for (let i = k; i < 0; i++) p /= 2;
  return p;
}
