/**
 * What makes two drawings of one hand differ: a smooth warp of the sheet, then an affine map onto the 28 x 28 grid.
 *
 *   warp:   p' = p + sum over knots of B(x - knot) B(y - knot) d[knot]        B: uniform cubic B-spline, 5 x 5 knots
 *   affine: rotation by (c, s) = ((1 - t^2), 2 t) / (1 + t^2), no angle needed; slant, aspect, size
 *   place:  the box around the drawing goes to a random spot near the middle, inside the margins; too large a one shrinks
 *
 * Bell-shaped numbers are sums of two uniforms: engines disagree on the last bits of logarithms and sines.
 *
 * @module
 */
import type { RandomStream } from '../../core/random.js';

/** Uniform in [-1, 1). */
export function spread(random: RandomStream): number {
  return 2 * random.uniform() - 1;
}

/** Triangular in (-1, 1), standard deviation 0.41. */
export function bell(random: RandomStream): number {
  return random.uniform() + random.uniform() - 1;
}

/** Uniform in [from, to). */
export function between(random: RandomStream, from: number, to: number): number {
  return from + (to - from) * random.uniform();
}

/** Sheet units: how far each point of a stroke strays by itself, and how far a knot of the warp moves. */
const TREMOR = 3.5;
const WARP = 14;
/** tan of half the greatest rotation: 2 atan 0.2 = 23 degrees. */
const TURN = 0.2;
const SLANT = 0.35;
/** Height of the sheet in pixels, and the range of width to height. */
const SIZE = [17, 23];
const ASPECT = [0.75, 1.15];
/** Pixels between the middle of the grid and the middle of the drawing. */
const SHIFT = 2.5;
/** Pixels between the middle line of a stroke and the border of the grid. */
const MARGIN = 3;

const KNOTS = 5;
/** Knots stand 1 / (KNOTS - 3) of the sheet apart, one row of them outside on each side. */
const CELLS = KNOTS - 3;

/** Moves each point by itself. */
export function tremble(points: Float64Array, random: RandomStream, into: Float64Array): void {
  for (let i = 0; i < points.length; i++) into[i] = points[i] + TREMOR * bell(random);
}

/** Bends the sheet under `count` points, in place. */
export function warp(points: Float64Array, count: number, random: RandomStream): void {
  const shift = new Float64Array(2 * KNOTS * KNOTS);
  for (let i = 0; i < shift.length; i++) shift[i] = WARP * spread(random);
  const bx = new Float64Array(4);
  const by = new Float64Array(4);
  for (let i = 0; i < 2 * count; i += 2) {
    const column = spline(points[i], bx);
    const row = spline(points[i + 1], by);
    let dx = 0;
    let dy = 0;
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 4; c++) {
        const weight = by[r] * bx[c];
        const knot = 2 * ((row + r) * KNOTS + column + c);
        dx += weight * shift[knot];
        dy += weight * shift[knot + 1];
      }
    }
    points[i] += dx;
    points[i + 1] += dy;
  }
}

/** The four B-spline weights at a coordinate of the sheet; returns the first of their knots. */
function spline(coordinate: number, weights: Float64Array): number {
  const position = Math.min(Math.max((coordinate / 100) * CELLS, 0), CELLS);
  const cell = Math.min(Math.floor(position), CELLS - 1);
  const u = position - cell;
  const v = 1 - u;
  weights[0] = (v * v * v) / 6;
  weights[1] = (3 * u * u * u - 6 * u * u + 4) / 6;
  weights[2] = (3 * v * v * v - 6 * v * v + 4) / 6;
  weights[3] = (u * u * u) / 6;
  return cell;
}

/** Maps `count` points from the sheet to pixels of a grid `grid` wide, in place. */
export function place(points: Float64Array, count: number, random: RandomStream, grid: number): void {
  const t = TURN * bell(random);
  const cosine = (1 - t * t) / (1 + t * t);
  const sine = (2 * t) / (1 + t * t);
  const slant = SLANT * bell(random);
  const scaleY = between(random, SIZE[0], SIZE[1]) / 100;
  const scaleX = scaleY * between(random, ASPECT[0], ASPECT[1]);
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < 2 * count; i += 2) {
    const y = scaleY * (points[i + 1] - 50);
    const x = scaleX * (points[i] - 50) - slant * y;
    points[i] = cosine * x - sine * y;
    points[i + 1] = sine * x + cosine * y;
    for (let axis = 0; axis < 2; axis++) {
      low[axis] = Math.min(low[axis], points[i + axis]);
      high[axis] = Math.max(high[axis], points[i + axis]);
    }
  }
  // Both axes shrink alike: the shape is the writer's.
  const free = grid - 2 * MARGIN;
  const shrink = Math.min(1, free / Math.max(high[0] - low[0], high[1] - low[1]));
  for (let axis = 0; axis < 2; axis++) {
    const room = (free - shrink * (high[axis] - low[axis])) / 2;
    const shift = Math.min(Math.max(SHIFT * spread(random), -room), room) + grid / 2 - (shrink * (low[axis] + high[axis])) / 2;
    for (let i = axis; i < 2 * count; i += 2) points[i] = shrink * points[i] + shift;
  }
}
