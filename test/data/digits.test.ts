import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { HANDS, TRAINING_HANDS } from '../../src/data/digits/hands.js';
import { drawSegment } from '../../src/data/digits/pen.js';
import { flatten, parseHand } from '../../src/data/digits/strokes.js';
import { digits } from '../../src/data/digits.js';
import { loadDataset } from '../../src/data/registry.js';

function pixelsOf(dataset: Dataset): { images: Uint8Array; labels: Uint8Array } {
  const into = { images: new Uint8Array(dataset.length * 784), labels: new Uint8Array(dataset.length) };
  dataset.read(
    Uint32Array.from({ length: dataset.length }, (_, i) => i),
    into,
  );
  return into;
}

function sha256({ images, labels }: { images: Uint8Array; labels: Uint8Array }): string {
  return createHash('sha256').update(images).update(labels).digest('hex');
}

describe('digits', () => {
  const { train, test: testing } = digits();

  test('10,000 and 2,000 samples of ten balanced classes', () => {
    for (const [dataset, length] of [
      [train, 10000],
      [testing, 2000],
    ] as const) {
      expect(dataset).toMatchObject({ length, shape: { height: 28, width: 28, channels: 1 }, classes: 10, type: 'u8' });
      expect(dataset.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      const counts = new Array(10).fill(0);
      for (const label of pixelsOf(dataset).labels) counts[label]++;
      expect(counts).toEqual(new Array(10).fill(length / 10));
    }
  });

  // Change these only with a new data set in mind: results on `digits` are compared across versions.
  test('seed 0 gives the same bytes on every host', () => {
    expect(sha256(pixelsOf(train))).toBe('ee3087c4d2fc3634f0d89cfc44dfd9d564c398ace4abe69a4895b67bad7c6ffc');
    expect(sha256(pixelsOf(testing))).toBe('0f655cccfcc576bad4af019c712705ca7294a7d78e5baff9c4bb624631563f99');
  });

  test('sample i depends on seed, split and i only', () => {
    const short = digits({ train: 30, test: 20 });
    expect(pixelsOf(short.train).images).toEqual(pixelsOf(train).images.subarray(0, 30 * 784));
    expect(pixelsOf(short.test).images).toEqual(pixelsOf(testing).images.subarray(0, 20 * 784));
    expect(pixelsOf(digits({ seed: 1, train: 30, test: 1 }).train).images).not.toEqual(pixelsOf(short.train).images);
    expect(pixelsOf(short.train).images.subarray(0, 784)).not.toEqual(pixelsOf(short.test).images.subarray(0, 784));
  });

  test('the registry passes the seed on', async () => {
    const { test: other } = await loadDataset('digits', { seed: 7 });
    expect(sha256(pixelsOf(other))).toBe(sha256(pixelsOf(digits({ seed: 7, train: 1 }).test)));
  });

  test('no image occurs twice, in or across the splits', () => {
    const seen = new Set<string>();
    for (const { images } of [pixelsOf(train), pixelsOf(testing)]) {
      for (let i = 0; i < images.length; i += 784)
        seen.add(
          createHash('sha1')
            .update(images.subarray(i, i + 784))
            .digest('hex'),
        );
    }
    expect(seen.size).toBe(12000);
  });

  test('every image is white on black, with a dark border and enough ink', () => {
    for (const { images } of [pixelsOf(train), pixelsOf(testing)]) {
      for (let i = 0; i < images.length; i += 784) {
        const image = images.subarray(i, i + 784);
        const bright = image.filter((pixel) => pixel > 127).length;
        if (bright <= 15 || bright >= 300) expect.fail(`image ${i / 784}: ${bright} bright pixels`);
        const border = Math.max(...image.filter((_, p) => p < 28 || p >= 756 || p % 28 === 0 || p % 28 === 27));
        if (border >= 128) expect.fail(`image ${i / 784}: border pixel of ${border}`);
      }
    }
  });

  test.each([
    [{ seed: -1 }, /seed: got -1/],
    [{ train: 0 }, /train: got 0/],
    [{ test: 1.5 }, /test: got 1\.5/],
  ])('rejects %j', (options, message) => expect(() => digits(options)).toThrow(message));
});

describe('hands', () => {
  test('ten digits, at least eight hands for training and three for testing, all different', () => {
    expect(HANDS).toHaveLength(10);
    expect(TRAINING_HANDS).toBeGreaterThanOrEqual(8);
    for (const hands of HANDS) expect(hands.length - TRAINING_HANDS).toBeGreaterThanOrEqual(3);
    const all = HANDS.flat();
    expect(new Set(all).size).toBe(all.length);
  });

  test('every point lies on the sheet', () => {
    for (const text of HANDS.flat()) {
      for (const coordinate of parseHand(text).points) {
        expect(coordinate, text).toBeGreaterThanOrEqual(0);
        expect(coordinate, text).toBeLessThanOrEqual(100);
      }
    }
  });

  test('a stroke of two points is straight, a corner keeps its point, a curve passes through all points', () => {
    const hand = parseHand('0,0 30,40! 60,0 | 0,50 20,70 40,50 60,70');
    const polyline = new Float64Array(2 * hand.size);
    flatten(hand, hand.points, polyline);
    const points = Array.from({ length: hand.size }, (_, i) => [polyline[2 * i], polyline[2 * i + 1]]);
    const first = points.slice(0, hand.steps[0] + 1);
    for (const [x, y] of first) expect(y).toBeCloseTo((4 / 3) * x, 12);
    expect(first.at(-1)).toEqual([30, 40]);
    expect(points).toContainEqual([20, 70]);
    expect(points).toContainEqual([40, 50]);
    // Middle of a Catmull-Rom span: (9 (p1 + p2) - p0 - p3) / 16.
    const middle = [(9 * 60 - 60) / 16, (9 * 120 - 120) / 16];
    const curve = points.slice(-2 * (hand.steps[5] + 1), -(hand.steps[5] + 1));
    const nearest = curve.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1])).sort((a, b) => a - b)[0];
    expect(nearest).toBeLessThan(4);
    expect([...hand.joined]).toEqual([1, 1, 0, 1, 1, 1, 0]);
    expect([...hand.corner]).toEqual([1, 1, 1, 1, 0, 0, 1]);
  });
});

test('drawSegment equals the distance formula at every pixel, also outside its box and beyond the grid', () => {
  for (const [ax, ay, bx, by] of [
    [3.2, 4.7, 15.1, 9.9],
    [8, 8, 8, 8],
    [-5, 3, 4, -2],
    [10, 18.5, 2, 1.5],
  ]) {
    const ink = new Float64Array(400);
    drawSegment(ink, 20, ax, ay, bx, by, 1.3, 1.6);
    for (let pixel = 0; pixel < 400; pixel++) {
      const x = (pixel % 20) + 0.5;
      const y = Math.floor(pixel / 20) + 0.5;
      // Distance by dense sampling of the segment.
      let distance = Infinity;
      for (let k = 0; k <= 2000; k++) {
        distance = Math.min(distance, Math.hypot(x - ax - ((bx - ax) * k) / 2000, y - ay - ((by - ay) * k) / 2000));
      }
      expect(ink[pixel]).toBeCloseTo(Math.min(Math.max((1.3 - distance) / 1.6 + 0.5, 0), 1), 3);
    }
  }
});
