/**
 * Convolution and its gradients as plain float64 loops: the definition.
 *
 *   y[n][oy][ox][c] = sum over ky, kx, i of w[c][ky][kx][i] x[n][oy * stride - padding + ky][ox * stride - padding + kx][i]
 *
 * x [images][height][width][cin], w [cout][kernel][kernel][cin], y [images][outHeight][outWidth][cout]; outside the map x is 0.
 *
 * @module
 */
export interface Conv2dCase {
  name: string;
  images: number;
  height: number;
  width: number;
  cin: number;
  cout: number;
  kernel: number;
  stride: number;
  padding: number;
}

export function outputSize(length: number, s: Conv2dCase): number {
  return Math.floor((length + 2 * s.padding - s.kernel) / s.stride) + 1;
}

/** Calls visit for every product: index of the first of cout y, of cin x, and the tap. */
function forEachTap(s: Conv2dCase, visit: (y: number, x: number, tap: number) => void): void {
  const [OH, OW] = [outputSize(s.height, s), outputSize(s.width, s)];
  for (let n = 0; n < s.images; n++) {
    for (let oy = 0; oy < OH; oy++) {
      for (let ox = 0; ox < OW; ox++) {
        for (let ky = 0; ky < s.kernel; ky++) {
          for (let kx = 0; kx < s.kernel; kx++) {
            const iy = oy * s.stride - s.padding + ky;
            const ix = ox * s.stride - s.padding + kx;
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
            visit(((n * OH + oy) * OW + ox) * s.cout, ((n * s.height + iy) * s.width + ix) * s.cin, ky * s.kernel + kx);
          }
        }
      }
    }
  }
}

export function conv2d(x: Float64Array, w: Float64Array, s: Conv2dCase): Float64Array {
  const y = new Float64Array(s.images * outputSize(s.height, s) * outputSize(s.width, s) * s.cout);
  const taps = s.kernel * s.kernel;
  forEachTap(s, (yAt, xAt, tap) => {
    for (let c = 0; c < s.cout; c++) {
      let sum = 0;
      for (let i = 0, k = (c * taps + tap) * s.cin; i < s.cin; i++) sum += w[k + i] * x[xAt + i];
      y[yAt + c] += sum;
    }
  });
  return y;
}

export function conv2dDx(dy: Float64Array, w: Float64Array, s: Conv2dCase): Float64Array {
  const dx = new Float64Array(s.images * s.height * s.width * s.cin);
  const taps = s.kernel * s.kernel;
  forEachTap(s, (yAt, xAt, tap) => {
    for (let c = 0; c < s.cout; c++) {
      const g = dy[yAt + c];
      for (let i = 0, k = (c * taps + tap) * s.cin; i < s.cin; i++) dx[xAt + i] += w[k + i] * g;
    }
  });
  return dx;
}

export function conv2dDw(dy: Float64Array, x: Float64Array, s: Conv2dCase): Float64Array {
  const taps = s.kernel * s.kernel;
  const dw = new Float64Array(s.cout * taps * s.cin);
  forEachTap(s, (yAt, xAt, tap) => {
    for (let c = 0; c < s.cout; c++) {
      const g = dy[yAt + c];
      for (let i = 0, k = (c * taps + tap) * s.cin; i < s.cin; i++) dw[k + i] += g * x[xAt + i];
    }
  });
  return dw;
}
