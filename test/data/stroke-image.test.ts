// A drawn digit must look like those that networks are trained on: size, place, pen and polarity.
import { expect, test } from 'vitest';
import { HANDS } from '../../src/data/digits/hands.js';
import { flatten, parseHand } from '../../src/data/digits/strokes.js';
import { digits, strokeImage } from '../../src/data.js';

const GRID = 28;

/** The strokes of a hand, curves as polylines. */
function strokesOf(text: string): number[][] {
  const hand = parseHand(text);
  const polyline = new Float64Array(2 * hand.size);
  flatten(hand, hand.points, polyline);
  const strokes: number[][] = [[]];
  let at = 0;
  hand.steps.forEach((steps, i) => {
    if (hand.joined[i] === 0) {
      strokes.push([]);
      return;
    }
    for (let step = 0; step <= steps; step++) strokes[strokes.length - 1].push(polyline[at++], polyline[at++]);
  });
  return strokes.filter((stroke) => stroke.length > 0);
}

/** Rows and columns that hold ink of at least half the pen's, and the centre of mass of all ink. */
function measure(image: Uint8Array): { width: number; height: number; x: number; y: number } {
  const inked = [...image.keys()].filter((i) => image[i] >= 128);
  const columns = inked.map((i) => i % GRID);
  const rows = inked.map((i) => Math.floor(i / GRID));
  const mass = image.reduce((sum, value) => sum + value, 0);
  const mean = (place: (i: number) => number): number => image.reduce((sum, value, i) => sum + value * (place(i) + 0.5), 0) / mass;
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
    x: mean((i) => i % GRID),
    y: mean((i) => Math.floor(i / GRID)),
  };
}

const SEVEN = [[30, 40, 130, 40, 70, 240]];

test('the longer side becomes 20 pixels, the shorter one keeps its share, the centre of mass is in the middle', () => {
  const image = strokeImage(SEVEN);
  const { width, height, x, y } = measure(image);
  expect(height).toBeGreaterThanOrEqual(19);
  expect(height).toBeLessThanOrEqual(21);
  // (100 / 200) of the pen's path, and the pen: 17.1 / 2 + 2.9.
  expect(Math.abs(width - 11.45)).toBeLessThanOrEqual(1);
  expect(x).toBeCloseTo(GRID / 2, 1);
  expect(y).toBeCloseTo(GRID / 2, 1);
  expect(Math.max(...image)).toBe(255); // white on black
  expect(image[0]).toBe(0);
});

test('neither size nor place of the drawing matters', () => {
  const moved = SEVEN.map((stroke) => stroke.map((value, i) => 4 * value + (i % 2 === 0 ? 512 : -256)));
  expect(strokeImage(moved)).toEqual(strokeImage(SEVEN));
});

test('a wide drawing is 20 pixels wide; two strokes are two', () => {
  const image = strokeImage([
    [0, 0, 90, 0],
    [0, 30, 90, 30],
  ]);
  const { width, height } = measure(image);
  expect(width).toBe(20);
  expect(height).toBeLessThan(11);
  const column = [...Array(GRID).keys()].map((row) => image[row * GRID + 14]);
  expect(column.filter((value, row) => value >= 128 && column[row - 1] < 128)).toHaveLength(2);
});

test('a dot is a dot in the middle; nothing is black', () => {
  const { width, height, x, y } = measure(strokeImage([[77, 5]]));
  expect([width, height]).toEqual([2, 2]);
  expect([x, y].map((value) => value.toFixed(6))).toEqual(['14.000000', '14.000000']);
  expect(strokeImage([])).toEqual(new Uint8Array(GRID * GRID));
});

test('ink is as much as in the images of digits', () => {
  const { train } = digits({ train: 500, test: 1 });
  const into = { images: new Uint8Array(500 * GRID * GRID), labels: new Int32Array(500) };
  train.read(
    Uint32Array.from({ length: 500 }, (_, i) => i),
    into,
  );
  const bright = (images: Uint8Array): number => images.reduce((count, value) => count + (value >= 128 ? 1 : 0), 0);
  const drawn = HANDS.flat().map((hand) => bright(strokeImage(strokesOf(hand))));
  const ratio = drawn.reduce((sum, count) => sum + count, 0) / drawn.length / (bright(into.images) / 500);
  expect(ratio).toBeGreaterThan(0.85);
  expect(ratio).toBeLessThan(1.15);
});

test('hands that no training image was written by find their kind among 2,000 images of digits', () => {
  const { train } = digits({ train: 2000, test: 1 });
  const into = { images: new Uint8Array(2000 * GRID * GRID), labels: new Int32Array(2000) };
  train.read(
    Uint32Array.from({ length: 2000 }, (_, i) => i),
    into,
  );
  const nearest = (image: Uint8Array): number => {
    let [best, label] = [Number.POSITIVE_INFINITY, -1];
    for (let i = 0; i < 2000; i++) {
      let distance = 0;
      for (let p = 0; p < image.length && distance < best; p++) distance += (image[p] - into.images[i * image.length + p]) ** 2;
      if (distance < best) [best, label] = [distance, into.labels[i]];
    }
    return label;
  };
  const tests = HANDS.flatMap((hands, digit) => hands.slice(8).map((hand) => ({ digit, image: strokeImage(strokesOf(hand)) })));
  const right = tests.filter(({ digit, image }) => nearest(image) === digit).length;
  expect(right / tests.length).toBeGreaterThanOrEqual(0.9);
});

test.each<[string, unknown, RegExp]>([
  ['no list', 'M0,0', /strokes: got "M0,0", expected an array of strokes/],
  ['a stroke without points', [[]], /strokes\[0\]: got \[\], expected \[x0, y0/],
  ['half a point', [[1, 2, 3]], /strokes\[0\]: got \[1, 2, 3\], expected \[x0, y0/],
  [
    'a number that is none',
    [
      [1, 2],
      [3, Number.NaN],
    ],
    /strokes\[1\]\[1\]: got NaN, expected a finite number/,
  ],
])('refuses %s', (_, strokes, message) => {
  expect(() => strokeImage(strokes as number[][])).toThrow(message);
});
