/**
 * The pen: line segments to grey pixels.
 *
 *   ink(pixel) = clamp((radius - distance to the nearest segment) / blur + 1/2, 0, 1)
 *
 * A segment touches only the pixels of its bounding box, widened by radius + blur / 2, where the ink is above 0.
 *
 * @module
 */

/** Draws the segment from (ax, ay) to (bx, by) into `ink`, f64 [grid, grid]; pixel (0, 0) has its middle at (0.5, 0.5). */
export function drawSegment(
  ink: Float64Array,
  grid: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
  blur: number,
): void {
  const reach = radius + blur / 2;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const right = Math.min(grid - 1, Math.floor(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const bottom = Math.min(grid - 1, Math.floor(Math.max(ay, by) + reach));
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const inverse = square > 0 ? 1 / square : 0;
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - ay;
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - ax;
      const along = Math.min(Math.max((px * dx + py * dy) * inverse, 0), 1);
      const ex = px - along * dx;
      const ey = py - along * dy;
      const distance = ex * ex + ey * ey;
      if (distance >= reach * reach) continue;
      const value = Math.min((radius - Math.sqrt(distance)) / blur + 0.5, 1);
      const pixel = row * grid + column;
      if (value > ink[pixel]) ink[pixel] = value;
    }
  }
}
