// The definition of a convolution: plain loops over [H][W][C] arrays. Taps outside the map are skipped.
//
//   y[o, c] = sum over (ky, kx, ci), in this order, of w[c, ky, kx, ci] x[o * stride - padding + k, ci], then + bias[c]

export interface Conv2dSizes {
  height: number;
  width: number;
  cin: number;
  cout: number;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padding: number;
}

export function outputSize({ height, width, kernelHeight, kernelWidth, stride, padding }: Conv2dSizes): [number, number] {
  return [Math.floor((height + 2 * padding - kernelHeight) / stride) + 1, Math.floor((width + 2 * padding - kernelWidth) / stride) + 1];
}

/** x [height][width][cin], w [cout][kh][kw][cin] -> y [OH][OW][cout]. `round` is applied to every product and sum: Math.fround, or nothing for integers. */
export function conv2d(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  sizes: Conv2dSizes,
  round: (value: number) => number = (value) => value,
  bias?: ArrayLike<number>,
): number[] {
  const { height, width, cin, cout, kernelHeight, kernelWidth, stride, padding } = sizes;
  const [outHeight, outWidth] = outputSize(sizes);
  const y: number[] = [];
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let c = 0; c < cout; c++) {
        let sum = 0;
        for (let ky = 0; ky < kernelHeight; ky++) {
          for (let kx = 0; kx < kernelWidth; kx++) {
            const iy = oy * stride - padding + ky;
            const ix = ox * stride - padding + kx;
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            for (let ci = 0; ci < cin; ci++) {
              const weight = w[((c * kernelHeight + ky) * kernelWidth + kx) * cin + ci];
              sum = round(sum + round(weight * x[(iy * width + ix) * cin + ci]));
            }
          }
        }
        y.push(bias === undefined ? sum : round(sum + bias[c]));
      }
    }
  }
  return y;
}
