/**
 * Pen strokes: from the points of a hand to line segments.
 *
 * Between points p1 and p2 with neighbours p0 and p3 runs the Catmull-Rom curve
 *
 *   2 p(u) = 2 p1 + (p2 - p0) u + (2 p0 - 5 p1 + 4 p2 - p3) u^2 + (3 p1 - p0 - 3 p2 + p3) u^3        0 <= u <= 1
 *
 * where a corner or an end stands in for the neighbour that it has not.
 *
 * @module
 */

/** Points of one digit as one hand draws it. */
export interface Hand {
  /** x, y of each point, on the sheet of 100 x 100. */
  points: Float64Array;
  /** For each point: 1 where the curve has a corner or an end. */
  corner: Uint8Array;
  /** For each point: 1 where a curve leads on to the next point, 0 at the end of a stroke. */
  joined: Uint8Array;
  /** For each point: line segments that its curve to the next is drawn with. */
  steps: Uint8Array;
  /** Points of the polyline of all curves. */
  size: number;
}

/** Length of a line segment on the sheet, at most. */
const SEGMENT = 7;

/** Reads one entry of `HANDS`. */
export function parseHand(text: string): Hand {
  const points: number[] = [];
  const corner: number[] = [];
  const joined: number[] = [];
  for (const stroke of text.split(' | ')) {
    const marks = stroke.split(' ');
    for (let i = 0; i < marks.length; i++) {
      const end = i === marks.length - 1;
      const [x, y] = marks[i].replace('!', '').split(',');
      points.push(Number(x), Number(y));
      corner.push(end || i === 0 || marks[i].endsWith('!') ? 1 : 0);
      joined.push(end ? 0 : 1);
    }
  }
  const steps = new Uint8Array(joined.length);
  let size = 0;
  for (let i = 0; i < joined.length; i++) {
    if (joined[i] === 0) continue;
    const dx = points[2 * i + 2] - points[2 * i];
    const dy = points[2 * i + 3] - points[2 * i + 1];
    steps[i] = Math.floor(Math.sqrt(dx * dx + dy * dy) / SEGMENT) + 1;
    size += steps[i] + 1;
  }
  return { points: Float64Array.from(points), corner: Uint8Array.from(corner), joined: Uint8Array.from(joined), steps, size };
}

/**
 * Draws the curves of `hand` through `points` (x, y of each, in place of the hand's own): `hand.size` points into `polyline`,
 * for each curve its `steps + 1`.
 */
export function flatten(hand: Hand, points: Float64Array, polyline: Float64Array): void {
  let at = 0;
  for (let i = 0; i < hand.steps.length; i++) {
    const steps = hand.steps[i];
    if (steps === 0) continue;
    const p1 = 2 * i;
    const p2 = p1 + 2;
    const p0 = hand.corner[i] ? p1 : p1 - 2;
    const p3 = hand.corner[i + 1] ? p2 : p2 + 2;
    for (let step = 0; step <= steps; step++) {
      const u = step / steps;
      for (let axis = 0; axis < 2; axis++) {
        const a = points[p0 + axis];
        const b = points[p1 + axis];
        const c = points[p2 + axis];
        const d = points[p3 + axis];
        polyline[at++] = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * b - a - 3 * c + d)));
      }
    }
  }
}
