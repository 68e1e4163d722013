// The real files, where BITGAUSS_DATA holds them. Expected values are the published ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Dataset, imageSize } from '../../src/data/dataset.js';
import { loadDataset } from '../../src/data/registry.js';
import { channelStatistics } from '../../src/data/statistics.js';

const cases = [
  {
    name: 'mnist',
    firstTrain: [5, 0, 4, 1, 9, 2, 1, 3, 1, 4],
    firstTest: [7, 2, 1, 0, 4, 1, 4, 9, 5, 9],
    trainCounts: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    testCounts: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    shape: { height: 28, width: 28, channels: 1 },
    firstPixels: [0, 0, 0, 0, 0, 0],
    mean: [0.1307],
    std: [0.3081],
    lastName: '9',
  },
  {
    name: 'fashion-mnist',
    firstTrain: [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
    firstTest: [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
    trainCounts: new Array(10).fill(6000),
    testCounts: new Array(10).fill(1000),
    shape: { height: 28, width: 28, channels: 1 },
    firstPixels: [0, 0, 0, 0, 0, 0],
    mean: [0.286],
    std: [0.353],
    lastName: 'Ankle boot',
  },
  {
    name: 'cifar10',
    firstTrain: [6, 9, 9, 4, 1, 1, 2, 7, 8, 3],
    firstTest: [3, 8, 8, 0, 6, 6, 1, 6, 3, 1],
    trainCounts: new Array(10).fill(5000),
    testCounts: new Array(10).fill(1000),
    shape: { height: 32, width: 32, channels: 3 },
    firstPixels: [59, 62, 63, 43, 46, 45],
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
    lastName: 'truck',
  },
  {
    name: 'cifar100',
    firstTrain: [19, 29, 0, 11, 1, 86, 90, 28, 23, 31],
    firstTest: [49, 33, 72, 51, 71, 92, 15, 14, 23, 0],
    trainCounts: new Array(100).fill(500),
    testCounts: new Array(100).fill(100),
    shape: { height: 32, width: 32, channels: 3 },
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
    lastName: 'worm',
  },
];

/** The table of the data set's page: superclasses in the order of their numbers, with their classes. */
const superclasses = {
  aquatic_mammals: 'beaver dolphin otter seal whale',
  fish: 'aquarium_fish flatfish ray shark trout',
  flowers: 'orchid poppy rose sunflower tulip',
  food_containers: 'bottle bowl can cup plate',
  fruit_and_vegetables: 'apple mushroom orange pear sweet_pepper',
  household_electrical_devices: 'clock keyboard lamp telephone television',
  household_furniture: 'bed chair couch table wardrobe',
  insects: 'bee beetle butterfly caterpillar cockroach',
  large_carnivores: 'bear leopard lion tiger wolf',
  'large_man-made_outdoor_things': 'bridge castle house road skyscraper',
  large_natural_outdoor_scenes: 'cloud forest mountain plain sea',
  large_omnivores_and_herbivores: 'camel cattle chimpanzee elephant kangaroo',
  medium_mammals: 'fox porcupine possum raccoon skunk',
  'non-insect_invertebrates': 'crab lobster snail spider worm',
  people: 'baby boy girl man woman',
  reptiles: 'crocodile dinosaur lizard snake turtle',
  small_mammals: 'hamster mouse rabbit shrew squirrel',
  trees: 'maple_tree oak_tree palm_tree pine_tree willow_tree',
  vehicles_1: 'bicycle bus motorcycle pickup_truck train',
  vehicles_2: 'lawn_mower rocket streetcar tank tractor',
};

const directory = process.env.BITGAUSS_DATA;

/** Whether the files of the set are there; says so where they are not. */
function present(name: string): boolean {
  const found = directory !== undefined && existsSync(join(directory, name));
  if (!found) console.log(`skipped: ${name} is not in BITGAUSS_DATA (${directory ?? 'not set'})`);
  return found;
}

function labelsOf(dataset: Dataset): number[] {
  const labels = new Int32Array(dataset.length);
  const images = new Uint8Array(1000 * imageSize(dataset.shape));
  for (let at = 0; at < dataset.length; at += 1000) {
    dataset.read(
      Uint32Array.from({ length: Math.min(1000, dataset.length - at) }, (_, i) => at + i),
      { images, labels: labels.subarray(at) },
    );
  }
  return [...labels];
}

function countsOf(labels: readonly number[], classes: number): number[] {
  const counts = new Array(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

describe.each(cases)('$name', (expected) => {
  test.skipIf(!present(expected.name))('labels, counts and statistics are the published ones', async () => {
    const { train, test } = await loadDataset(expected.name, { dataDir: directory });
    const trainLabels = labelsOf(train);
    const testLabels = labelsOf(test);
    expect(trainLabels.slice(0, 10)).toEqual(expected.firstTrain);
    expect(testLabels.slice(0, 10)).toEqual(expected.firstTest);
    expect(countsOf(trainLabels, train.classes)).toEqual(expected.trainCounts);
    expect(countsOf(testLabels, train.classes)).toEqual(expected.testCounts);
    expect(train).toMatchObject({ shape: expected.shape, classes: expected.trainCounts.length, type: 'u8' });
    expect(train.labels[train.classes - 1]).toBe(expected.lastName);
    const { mean, std } = channelStatistics(train);
    expect(mean).toEqual(expected.mean.map((value) => expect.closeTo(value, 4)));
    expect(std).toEqual(expected.std.map((value) => expect.closeTo(value, 4)));
    if (!expected.firstPixels) return;
    const first = new Uint8Array(imageSize(train.shape));
    train.read(Uint32Array.of(0), { images: first, labels: new Uint8Array(1) });
    expect([...first.subarray(0, 6)]).toEqual(expected.firstPixels);
  });
});

test.skipIf(!present('cifar100'))('the classes of cifar100 fall into the published superclasses', async () => {
  const fine = await loadDataset('cifar100', { dataDir: directory });
  const coarse = await loadDataset('cifar100', { dataDir: directory, labels: 'coarse' });
  expect(coarse.train.labels).toEqual(Object.keys(superclasses));
  const members = Object.keys(superclasses).map(() => new Set<string>());
  const superclass = labelsOf(coarse.train);
  labelsOf(fine.train).forEach((label, i) => {
    members[superclass[i]].add(fine.train.labels[label]);
  });
  expect(members.map((names) => [...names].sort().join(' '))).toEqual(Object.values(superclasses));
});
