// y[oy, ox, c] = the first of the greatest x[oy * stride + ky, ox * stride + kx, c] in row-major order; no padding.

/** x [height][width][channels] -> [OH][OW][channels]. */
export function maxPool2d(x: ArrayLike<number>, height: number, width: number, channels: number, size: number, stride: number): number[] {
  const y: number[] = [];
  for (let oy = 0; oy * stride + size <= height; oy++) {
    for (let ox = 0; ox * stride + size <= width; ox++) {
      for (let c = 0; c < channels; c++) {
        let best: number | undefined;
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const value = x[((oy * stride + ky) * width + ox * stride + kx) * channels + c];
            if (best === undefined || value > best) best = value;
          }
        }
        y.push(best as number);
      }
    }
  }
  return y;
}
