// Operands that every peer makes for itself from the same seed, and the plain definitions that outputs are compared with.

/** A generator of whole numbers 0 … 2^32 - 1: a counter through a mixing function (lowbias32). */
export function numbers(seed) {
  let counter = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => {
    counter = (counter + 1) >>> 0;
    let x = counter;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/** ±1 as f32. */
export function signs(length, seed) {
  const next = numbers(seed);
  return Float32Array.from({ length }, () => (next() & 1 ? -1 : 1));
}

/** Uniform in ±limit, f32. */
export function reals(length, limit, seed) {
  const next = numbers(seed);
  return Float32Array.from({ length }, () => (next() / 2 ** 31 - 1) * limit);
}

/** One integer per channel, within what sums of ±1 reach: below it the sign is -1. */
export function thresholds(channels) {
  return Int16Array.from(reals(channels, 60, 3));
}

/** Bytes 0 … 255. */
export function pixels(length, seed) {
  const next = numbers(seed);
  return Uint8Array.from({ length }, next);
}

/** Pixels as f32 in ±2: what a network that takes f32 gets in place of bytes. */
export function normalised(bytes) {
  return Float32Array.from(bytes, (value) => (value / 255 - 0.5) / 0.25);
}

/** Classes 0 … 9. */
export function labels(length, seed) {
  const next = numbers(seed);
  return Int32Array.from({ length }, () => next() % 10);
}

/** The array [A][B] as [B][A]. */
export function transpose(values, rows, columns) {
  const result = new values.constructor(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return result;
}

/**
 * y [size][size][cout] = x [size][size][cin] * w [cout][3][3][cin], stride 1, padding 1.
 * By the definition, in f64.
 */
export function convolution3x3(x, w, size, cin, cout, bias) {
  const y = new Float64Array(size * size * cout);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (let c = 0; c < cout; c++, at++) {
        let sum = bias === undefined ? 0 : bias[c];
        for (let ky = 0; ky < 3; ky++) {
          for (let kx = 0; kx < 3; kx++) {
            const i = row + ky - 1;
            const j = column + kx - 1;
            if (i < 0 || j < 0 || i >= size || j >= size) continue;
            const from = (i * size + j) * cin;
            const tap = (c * 9 + ky * 3 + kx) * cin;
            for (let k = 0; k < cin; k++) sum += x[from + k] * w[tap + k];
          }
        }
        y[at] = sum;
      }
    }
  }
  return y;
}

/** y [M][N] = x [M][K] w [N][K]^T, by the definition, in f64. */
export function product(x, w, M, N, K, bias) {
  const y = new Float64Array(M * N);
  for (let m = 0, at = 0; m < M; m++) {
    for (let n = 0; n < N; n++, at++) {
      let sum = bias === undefined ? 0 : bias[n];
      for (let k = 0; k < K; k++) sum += x[m * K + k] * w[n * K + k];
      y[at] = sum;
    }
  }
  return y;
}

/** 2x2 maximum of [size][size][channels]. */
export function maxPool2x2(x, size, channels) {
  const half = size >> 1;
  const y = new Float64Array(half * half * channels);
  for (let row = 0, at = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      for (let c = 0; c < channels; c++, at++) {
        const value = (i, j) => x[((2 * row + i) * size + 2 * column + j) * channels + c];
        y[at] = Math.max(value(0, 0), value(0, 1), value(1, 0), value(1, 1));
      }
    }
  }
  return y;
}
