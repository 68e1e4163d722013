/**
 * How fast the product is on a host, by the clock of that host. Like smoke.ts it runs anywhere.
 *
 * @module
 */
import type { Dataset } from '../../src/data/dataset.js';
import type { Product } from './smoke.js';

/** In ms: from the bytes of a model file to its first prediction, the first calls ever. */
export interface FirstReport {
  loadMs: number;
  predictMs: number;
}

export interface SpeedReport {
  predictionsPerSecond: number;
  /** Training images a second: `convnet` at full width on batches of 128. */
  imagesPerSecond: number;
  /** The same on as many threads as the host has and can use; absent where it can use one only. */
  threaded?: { threads: number; imagesPerSecond: number };
}

/** How long something is repeated, s: before it counts, and while it counts. */
const WARM = 0.5;
const MEASURED = 1.5;

export async function first({ loadModel }: Pick<Product['bitgauss'], 'loadModel'>, file: Uint8Array): Promise<FirstReport> {
  const pixels = Uint8Array.from({ length: 28 * 28 }, (_, i) => (i * 37) & 255);
  const start = performance.now();
  const model = await loadModel(file);
  const loaded = performance.now();
  model.predict(pixels);
  return { loadMs: loaded - start, predictMs: performance.now() - loaded };
}

export async function speed(product: Product, file: Uint8Array): Promise<SpeedReport> {
  const model = await product.bitgauss.loadModel(file);
  const pixels = Uint8Array.from({ length: 28 * 28 }, (_, i) => (i * 37) & 255);
  const predictions = repeat(() => model.predict(pixels));
  const { train } = product.data.digits({ train: 2048, test: 1 });
  const one = await trainingSpeed(product, train, 1);
  const auto = await trainingSpeed(product, train, 'auto');
  return {
    predictionsPerSecond: predictions,
    imagesPerSecond: one.imagesPerSecond,
    ...(auto.threads === 1 ? {} : { threaded: auto }),
  };
}

/** Calls a second. */
function repeat(call: () => void): number {
  const seconds = (since: number): number => (performance.now() - since) / 1000;
  const begin = performance.now();
  do call();
  while (seconds(begin) < WARM);
  const start = performance.now();
  let calls = 0;
  do {
    call();
    calls++;
  } while (seconds(start) < MEASURED);
  return calls / seconds(start);
}

async function trainingSpeed(
  { training }: Product,
  train: Dataset,
  threads: number | 'auto',
): Promise<{ threads: number; imagesPerSecond: number }> {
  const batchSize = 128;
  const trainer = training.train({ model: training.convnet, data: { train }, batchSize, validation: 0, epochs: 10_000, threads });
  const begin = performance.now();
  let used = 1;
  let start: number | undefined;
  let steps = 0;
  for await (const event of trainer) {
    if (event.type === 'start') used = event.threads;
    if (event.type !== 'batch') continue;
    const now = performance.now();
    if (start !== undefined) steps++;
    else if (now - begin >= 1000 * WARM && event.batch > 0) start = now;
    if (start !== undefined && now - start >= 1000 * MEASURED)
      return { threads: used, imagesPerSecond: (1000 * steps * batchSize) / (now - start) };
  }
  throw new Error('training ended before it was timed');
}
