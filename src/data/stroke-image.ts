/**
 * What somebody draws with a pen or a finger, as an image of the kind that `digits` and MNIST hold: u8 [28, 28, 1], white on black.
 *
 * As MNIST's images were made (LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 1998): the drawing is
 * scaled, width and height alike, to fit a box of 20 x 20 pixels, and its centre of mass goes to the middle of the image. The pen is that of
 * `digits`, whatever the size of the drawing was.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { drawSegment } from './digits/pen.js';

const GRID = 28;
/** The longer side of the drawing, ink included. */
const BOX = 20;
/** The middle of what `digits` draws with, in pixels. */
const RADIUS = 1.45;
const BLUR = 2;

/**
 * Draws `strokes`, each a list x0, y0, x1, y1, … of points in any unit, x to the right and y down, joined by straight lines; a stroke of one
 * point is a dot. Without strokes the image is black. The array is fresh. Throws on numbers that are not finite and on an odd count of them.
 */
export function strokeImage(strokes: readonly (readonly number[])[]): Uint8Array {
  requireStrokes(strokes);
  const numbers = strokes.flat();
  if (numbers.length === 0) return new Uint8Array(GRID * GRID);
  const [left, right] = range(numbers, 0);
  const [top, bottom] = range(numbers, 1);
  const extent = Math.max(right - left, bottom - top);
  const scale = extent > 0 ? (BOX - 2 * RADIUS) / extent : 1;
  const shift = (low: number, high: number): number => GRID / 2 - (scale * (low + high)) / 2;
  const [x, y] = [shift(left, right), shift(top, bottom)];
  const [massX, massY] = centreOfMass(draw(strokes, scale, x, y));
  // A box of 20 cannot be pushed over the border: its centre of mass is within 4 pixels of its middle unless nearly all ink is at one end.
  const toMiddle = (mass: number): number => Math.min(Math.max(GRID / 2 - mass, -(GRID - BOX) / 2), (GRID - BOX) / 2);
  const ink = draw(strokes, scale, x + toMiddle(massX), y + toMiddle(massY));
  return Uint8Array.from(ink, (value) => Math.round(255 * value));
}

/** Ink 0..1, f64 [28, 28]. */
function draw(strokes: readonly (readonly number[])[], scale: number, x: number, y: number): Float64Array {
  const ink = new Float64Array(GRID * GRID);
  for (const stroke of strokes) {
    const last = stroke.length - 2;
    for (let i = 0; i <= Math.max(0, last - 2); i += 2) {
      const j = Math.min(i + 2, last);
      const [ax, ay, bx, by] = [stroke[i], stroke[i + 1], stroke[j], stroke[j + 1]];
      drawSegment(ink, GRID, scale * ax + x, scale * ay + y, scale * bx + x, scale * by + y, RADIUS, BLUR);
    }
  }
  return ink;
}

function centreOfMass(ink: Float64Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  ink.forEach((value, i) => {
    mass += value;
    x += value * ((i % GRID) + 0.5);
    y += value * (Math.floor(i / GRID) + 0.5);
  });
  return [x / mass, y / mass];
}

/** Least and greatest x (axis 0) or y (axis 1). */
function range(numbers: readonly number[], axis: number): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = axis; i < numbers.length; i += 2) {
    low = Math.min(low, numbers[i]);
    high = Math.max(high, numbers[i]);
  }
  return [low, high];
}

function requireStrokes(strokes: readonly (readonly number[])[]): void {
  if (!Array.isArray(strokes)) throw argumentError('strokes', strokes, 'an array of strokes, each [x0, y0, x1, y1, …]');
  strokes.forEach((stroke, i) => {
    if (!Array.isArray(stroke) || stroke.length === 0 || stroke.length % 2 !== 0)
      throw argumentError(`strokes[${i}]`, stroke, '[x0, y0, x1, y1, …]');
    const bad = stroke.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1) throw argumentError(`strokes[${i}][${bad}]`, stroke[bad], 'a finite number');
  });
}
