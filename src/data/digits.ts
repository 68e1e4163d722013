/**
 * The built-in data set: handwritten digits, drawn rather than stored, u8 [28, 28, 1], white on black as MNIST.
 *
 * Sample i of a split is a function of (seed, split, i): class i mod 10, a hand of that split, and deformations of its strokes.
 * No hand writes in both splits, so the test asks for digits in writings never seen. It is no toy: over all pixels, softmax
 * regression stays below 90 % and the nearest of 10,000 neighbours below 97 % (test/data/digits-difficulty.test.ts).
 *
 * @module
 */
import { requireInteger } from '../core/errors.js';
import { RandomStream } from '../core/random.js';
import { arrayDataset } from './array-dataset.js';
import type { DataSplits, Dataset } from './dataset.js';
import { between, place, tremble, warp } from './digits/deform.js';
import { HANDS, TRAINING_HANDS } from './digits/hands.js';
import { drawSegment } from './digits/pen.js';
import { flatten, type Hand, parseHand } from './digits/strokes.js';

export interface DigitsOptions {
  /** 0 to 2^53 - 1. Default 0. */
  seed?: number;
  /** Training samples, at least 1. Default 10,000. A longer set begins with the shorter one. */
  train?: number;
  /** Test samples, at least 1. Default 2,000. */
  test?: number;
}

const GRID = 28;
const PIXELS = GRID * GRID;
const CLASSES = 10;

/** Pen radius and edge width in pixels, brightness, and the greatest change of a pixel by noise. */
const RADIUS = [1.1, 1.8];
const BLUR = [1.5, 2.5];
const BRIGHTNESS = [190, 255];
const NOISE = [0, 40];

/** Draws the set: about a second for the default size. The same seed gives the same bytes on every host. */
export function digits(options: DigitsOptions = {}): DataSplits {
  const { seed = 0, train = 10000, test = 2000 } = options;
  requireInteger('train', train, 1, 0xffffffff);
  requireInteger('test', test, 1, 0xffffffff);
  const hands = HANDS.map((digit) => digit.map(parseHand));
  return {
    train: drawSplit(train, seed, 'digits-train', (label) => hands[label].slice(0, TRAINING_HANDS)),
    test: drawSplit(test, seed, 'digits-test', (label) => hands[label].slice(TRAINING_HANDS)),
  };
}

function drawSplit(length: number, seed: number, purpose: string, handsOf: (label: number) => Hand[]): Dataset {
  const images = new Uint8Array(length * PIXELS);
  const labels = new Uint8Array(length);
  const hands = Array.from({ length: CLASSES }, (_, label) => handsOf(label));
  for (let i = 0; i < length; i++) {
    const random = new RandomStream(seed, purpose, i);
    const label = i % CLASSES;
    const ofLabel = hands[label];
    labels[i] = label;
    drawDigit(ofLabel[random.integer(ofLabel.length)], random, images.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
  return arrayDataset({ images, labels, shape: { height: GRID, width: GRID, channels: 1 }, classes: CLASSES });
}

/** One drawing of `hand` into u8 [28, 28]. */
function drawDigit(hand: Hand, random: RandomStream, pixels: Uint8Array): void {
  const points = new Float64Array(hand.points.length);
  const polyline = new Float64Array(2 * hand.size);
  tremble(hand.points, random, points);
  flatten(hand, points, polyline);
  warp(polyline, hand.size, random);
  place(polyline, hand.size, random, GRID);
  const radius = between(random, RADIUS[0], RADIUS[1]);
  const blur = between(random, BLUR[0], BLUR[1]);
  const ink = new Float64Array(PIXELS);
  let at = 0;
  for (const steps of hand.steps) {
    for (let step = 0; step < steps; step++, at += 2) {
      drawSegment(ink, GRID, polyline[at], polyline[at + 1], polyline[at + 2], polyline[at + 3], radius, blur);
    }
    if (steps > 0) at += 2;
  }
  develop(ink, random, pixels);
}

/** Ink to bytes, with noise: each pixel adds the sum of two bytes less 255, triangular, times a strength drawn per image. */
function develop(ink: Float64Array, random: RandomStream, pixels: Uint8Array): void {
  const brightness = between(random, BRIGHTNESS[0], BRIGHTNESS[1]);
  const strength = between(random, NOISE[0], NOISE[1]) / 255;
  for (let i = 0; i < PIXELS; i += 2) {
    const bits = random.next();
    const first = (bits & 255) + ((bits >>> 8) & 255) - 255;
    const second = ((bits >>> 16) & 255) + (bits >>> 24) - 255;
    pixels[i] = toByte(brightness * ink[i] + strength * first);
    pixels[i + 1] = toByte(brightness * ink[i + 1] + strength * second);
  }
}

function toByte(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255);
}
