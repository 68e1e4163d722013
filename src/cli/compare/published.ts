/**
 * What authors report of their methods, to stand beside what is measured here: other budgets and recipes, so never the same experiment.
 *
 * @module
 */

interface Published {
  model: string;
  data: string;
  method: string;
  /** Test accuracy, and what it took. */
  text: string;
}

/** Test accuracies of one binary network, from the authors' READMEs, unless said otherwise. */
const PUBLISHED: readonly Published[] = [
  { model: 'vgg-small', data: 'cifar10', method: 'irnet', text: '90.4' },
  { model: 'vgg-small', data: 'cifar10', method: 'rbnn', text: '91.3, 1000 epochs' },
  { model: 'vgg-small', data: 'cifar10', method: 'recu', text: '92.2, 600 epochs' },
  { model: 'vgg-small', data: 'cifar10', method: 'siman', text: '92.5, 400 epochs' },
  { model: 'vgg-small', data: 'cifar10', method: 'vispa', text: '92.7 ± 0.1, 600 epochs; 40 samples, best epoch on the test set' },
];

export function publishedResult(model: string, data: string, method: string): string | undefined {
  return PUBLISHED.find((entry) => entry.model === model && entry.data === data && entry.method === method)?.text;
}
