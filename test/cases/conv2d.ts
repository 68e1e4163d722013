/**
 * Convolutions at the edges of every tile: 64-bit words, chunks of 128, 256 and 512 channels, bands of 8 rows, tables over 4 and 5 terms; more taps than the sums
 * of one pass.
 *
 * @module
 */
import type { Conv2dCase } from '../oracle/conv2d.js';

type Row = [height: number, width: number, cin: number, cout: number, kernel: number, stride: number, padding: number, groups: number];

const CONVOLUTIONS: Row[] = [
  [4, 4, 64, 64, 3, 1, 1, 1],
  [4, 4, 65, 129, 3, 1, 1, 1],
  [4, 4, 128, 127, 3, 1, 0, 1],
  [4, 4, 31, 32, 3, 1, 2, 1],
  [4, 4, 127, 3, 2, 1, 1, 1],
  [4, 4, 5, 7, 1, 1, 1, 2],
  [1, 1, 64, 129, 3, 1, 1, 2],
  [1, 1, 3, 64, 5, 1, 2, 1],
  [1, 3, 96, 31, 3, 1, 1, 1],
  [5, 7, 33, 65, 3, 2, 1, 2],
  [5, 7, 3, 31, 5, 1, 2, 1],
  [5, 7, 129, 32, 1, 2, 0, 1],
  [5, 7, 7, 33, 1, 3, 2, 1],
  [8, 8, 32, 96, 2, 2, 0, 1],
  [8, 8, 63, 1, 2, 3, 1, 1],
  [8, 8, 128, 128, 1, 1, 0, 1],
  [8, 8, 13, 20, 5, 2, 2, 1],
  [9, 17, 1, 129, 3, 1, 1, 1],
  [9, 17, 31, 3, 3, 1, 1, 1],
  [9, 17, 33, 5, 3, 1, 1, 2],
  [9, 17, 65, 63, 3, 3, 1, 1],
  [9, 17, 32, 33, 5, 3, 2, 1],
  [17, 2, 6, 11, 3, 2, 1, 2],
  [6, 5, 130, 33, 5, 1, 2, 1],
  [3, 3, 100, 5, 13, 1, 6, 1],
];

const LINEAR: [cin: number, cout: number, groups: number][] = [
  [1, 1, 1],
  [1, 129, 1],
  [2, 10, 2],
  [3, 2, 1],
  [31, 33, 2],
  [32, 32, 1],
  [33, 64, 1],
  [63, 65, 1],
  [64, 128, 1],
  [65, 31, 1],
  [96, 129, 2],
  [127, 127, 1],
  [128, 63, 1],
  [129, 64, 1],
  [130, 256, 1],
  [777, 130, 1],
  [1000, 10, 2],
  [10, 1023, 1],
  [1025, 40, 1],
  [40, 1030, 1],
];

const convolution = ([height, width, cin, cout, kernel, stride, padding, groups]: Row): Conv2dCase => ({
  name: `${kernel}x${kernel} stride ${stride} pad ${padding}, ${height}x${width}, ${cin} -> ${cout}, ${groups * 64} images`,
  images: groups * 64,
  height,
  width,
  cin,
  cout,
  kernel,
  stride,
  padding,
});

export const CONV2D_CASES: Conv2dCase[] = [
  ...CONVOLUTIONS.map(convolution),
  ...LINEAR.map(([cin, cout, groups]) => ({
    ...convolution([1, 1, cin, cout, 1, 1, 0, groups]),
    name: `linear ${cin} -> ${cout}, ${groups * 64} images`,
  })),
];
