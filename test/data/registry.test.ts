import { expect, test } from 'vitest';
import { datasetNames, loadDataset } from '../../src/data/registry.js';

test('names', () => {
  expect(datasetNames()).toEqual(['digits', 'mnist', 'fashion-mnist', 'cifar10', 'cifar100']);
});

test.each(['imagenet', 'toString', '__proto__', ''])('rejects the name %j and lists the known ones', async (name) => {
  await expect(loadDataset(name)).rejects.toMatchObject({
    code: 'argument',
    message: `dataset: got ${JSON.stringify(name)}, expected one of digits, mnist, fashion-mnist, cifar10, cifar100`,
  });
});

test.each(['digits', 'mnist', 'fashion-mnist', 'cifar10'])('%s refuses a choice of labels', async (name) => {
  await expect(loadDataset(name, { labels: 'fine' })).rejects.toMatchObject({
    code: 'argument',
    message: `labels: got "fine", expected none for ${name}: only cifar100 has a choice of labels`,
  });
});
