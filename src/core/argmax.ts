/**
 * The class that a row of scores names.
 *
 * @module
 */

/** Index of the first maximum of `length` values from `start` on; the values are finite. */
export function argmax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}
