import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { arrayDataset } from '../../src/data/array-dataset.js';
import { channelStatistics } from '../../src/data/statistics.js';

describe('channelStatistics', () => {
  test('two channels by hand', () => {
    // Channel 0: 0, 255, 0, 255. Channel 1: 51, 51, 51, 51, constant.
    const images = Uint8Array.of(0, 51, 255, 51, 0, 51, 255, 51);
    const dataset = arrayDataset({ images, labels: [0, 1], shape: { height: 1, width: 2, channels: 2 } });
    expect(channelStatistics(dataset)).toEqual({ mean: [0.5, 0.2], std: [0.5, 1] });
  });

  test('three channels against two passes in f64, over more samples than one chunk', () => {
    const random = new RandomStream(1, 'statistics-test');
    const shape = { height: 3, width: 5, channels: 3 };
    const length = 2500;
    const images = Uint8Array.from({ length: length * 45 }, (_, i) => random.integer(i % 3 === 0 ? 256 : i % 3 === 1 ? 3 : 100) + (i % 3));
    const { mean, std } = channelStatistics(arrayDataset({ images, labels: new Uint8Array(length), shape }));
    for (let channel = 0; channel < 3; channel++) {
      const values = [...images].filter((_, i) => i % 3 === channel).map((value) => value / 255);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      expect(mean[channel]).toBeCloseTo(average, 12);
      expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
    }
  });

  test('one pixel off in a constant channel is seen', () => {
    const images = new Uint8Array(784 * 100).fill(255);
    images[5] = 254;
    const dataset = arrayDataset({ images, labels: new Uint8Array(100), shape: { height: 28, width: 28, channels: 1 } });
    // n values, one of them less by d: variance d^2 (n - 1) / n^2.
    const n = 78400;
    expect(channelStatistics(dataset).std[0]).toBeCloseTo(Math.sqrt(n - 1) / n / 255, 15);
  });

  test('f32 data are taken as they are', () => {
    const dataset = arrayDataset({ images: new Float32Array(4).fill(9), labels: [0, 0], shape: { height: 1, width: 1, channels: 2 } });
    expect(channelStatistics(dataset)).toEqual({ mean: [0, 0], std: [1, 1] });
  });
});
