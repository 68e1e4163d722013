/**
 * How pixels become numbers, in training and inference alike.
 *
 * @module
 */

/** f32 [channels * 256]: the value of pixel p of channel c is `(p / 255 - mean[c]) / std[c]`, rounded once from float64. */
export function normalizationTable(mean: readonly number[], std: readonly number[]): Float32Array {
  const table = new Float32Array(mean.length * 256);
  for (let c = 0; c < mean.length; c++) for (let p = 0; p < 256; p++) table[c * 256 + p] = (p / 255 - mean[c]) / std[c];
  return table;
}
