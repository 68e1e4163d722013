// The real files, where BITGAUSS_DATA holds them. Expected values are the published ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { loadDataset } from '../../src/data/registry.js';
import { channelStatistics } from '../../src/data/statistics.js';

const cases = [
  {
    name: 'mnist',
    firstTrain: [5, 0, 4, 1, 9, 2, 1, 3, 1, 4],
    firstTest: [7, 2, 1, 0, 4, 1, 4, 9, 5, 9],
    trainCounts: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    testCounts: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    mean: 0.1307,
    std: 0.3081,
    lastName: '9',
  },
  {
    name: 'fashion-mnist',
    firstTrain: [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
    firstTest: [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
    trainCounts: new Array(10).fill(6000),
    testCounts: new Array(10).fill(1000),
    mean: 0.286,
    std: 0.353,
    lastName: 'Ankle boot',
  },
];

function labelsOf(dataset: Dataset): number[] {
  const labels = new Int32Array(dataset.length);
  const images = new Uint8Array(784);
  for (let i = 0; i < dataset.length; i++) dataset.read(Uint32Array.of(i), { images, labels: labels.subarray(i, i + 1) });
  return [...labels];
}

function countsOf(labels: readonly number[]): number[] {
  const counts = new Array(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

describe.each(cases)('$name', (expected) => {
  const directory = process.env.BITGAUSS_DATA;
  const present = directory !== undefined && existsSync(join(directory, expected.name));
  if (!present) console.log(`skipped: ${expected.name} is not in BITGAUSS_DATA (${directory ?? 'not set'})`);

  test.skipIf(!present)('labels, counts and statistics are the published ones', async () => {
    const { train, test } = await loadDataset(expected.name, { dataDir: directory });
    const trainLabels = labelsOf(train);
    const testLabels = labelsOf(test);
    expect(trainLabels.slice(0, 10)).toEqual(expected.firstTrain);
    expect(testLabels.slice(0, 10)).toEqual(expected.firstTest);
    expect(countsOf(trainLabels)).toEqual(expected.trainCounts);
    expect(countsOf(testLabels)).toEqual(expected.testCounts);
    expect(train).toMatchObject({ shape: { height: 28, width: 28, channels: 1 }, classes: 10, type: 'u8' });
    expect(train.labels[9]).toBe(expected.lastName);
    const { mean, std } = channelStatistics(train);
    expect(mean[0]).toBeCloseTo(expected.mean, 4);
    expect(std[0]).toBeCloseTo(expected.std, 4);
  });
});
