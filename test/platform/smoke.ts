/**
 * What every host must agree on, bit for bit: one run through the product. No host global, no import: a runner hands over the entries of the package and
 * the bytes of a model file, and compares the report with `smoke.json`.
 *
 * @module
 */
import type { Dataset } from '../../src/data/dataset.js';
import type { TrainOptions } from '../../src/train.js';
import type { Features } from '../../src/wasm/features.js';

/** The entries of the package. */
export interface Product {
  bitgauss: typeof import('../../src/index.js');
  training: typeof import('../../src/train.js');
  data: typeof import('../../src/data.js');
}

export interface SmokeReport {
  features: Features;
  /** Of the model file on ten digits: f32 [10][classes]. */
  logits: number[][];
  /** SHA-256 of the files that twenty steps give, by run and number of threads. */
  models: Record<string, Record<number, string>>;
}

const STEPS = 20;
const BATCH = 128;

export async function smoke(product: Product, file: Uint8Array): Promise<SmokeReport> {
  const { bitgauss, data } = product;
  const { train, test } = data.digits({ train: STEPS * BATCH, test: 10, seed: 6 });
  const features = bitgauss.features();
  const threads = features.threads ? [1, 2] : [1];
  const models: SmokeReport['models'] = {};
  for (const [name, options] of Object.entries(runs(product, train))) {
    models[name] = {};
    for (const count of threads) models[name][count] = await sha256((await product.training.fit({ ...options, threads: count })).model);
  }
  for (const count of threads) await abort(product, { ...runs(product, train).ste, threads: count });
  return { features, logits: await logits(product, file, test), models };
}

/** The logits of every image, which the model loaded at once gives, too. */
async function logits({ bitgauss }: Product, file: Uint8Array, images: Dataset): Promise<number[][]> {
  const model = await bitgauss.loadModel(file);
  const again = bitgauss.loadModelSync(file);
  return Array.from({ length: images.length }, (_, i) => {
    const pixels = new Uint8Array(model.input.height * model.input.width);
    images.read(Uint32Array.of(i), { images: pixels, labels: new Int32Array(1) });
    const values = [...model.predict(pixels).logits];
    const others = again.predict(pixels).logits;
    if (!values.every((value, j) => Object.is(value, others[j])))
      throw new Error(`image ${i}: loadModelSync gives ${others}, loadModel ${values}`);
    return values;
  });
}

/** Twenty steps each: the defaults; and sampled weights with another optimizer, other gradients, and an ensemble as the file. */
function runs({ training }: Product, train: Dataset): Record<'ste' | 'vispa', TrainOptions> {
  const base: TrainOptions = {
    model: ({ classes }) => training.convnet({ classes, width: 0.5 }),
    data: { train },
    epochs: 1,
    batchSize: BATCH,
    validation: 0,
    seed: 6,
  };
  const vispa = training.vispa({ rank: 2 });
  return {
    ste: base,
    vispa: { ...base, method: vispa, optimizer: training.adamw(), gradients: 'int8', exportDraw: 'ensemble', samples: 2 },
  };
}

/** A run that a timer aborts ends with the reason of the signal, and its weights are a model. */
async function abort({ training, bitgauss }: Product, options: TrainOptions): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('enough');
  const trainer = training.train({ ...options, epochs: 10_000, signal: controller.signal });
  const outcome = await (async () => {
    for await (const event of trainer) if (event.type === 'start') setTimeout(() => controller.abort(reason), 30);
  })().catch((error: unknown) => error);
  if (outcome !== reason) throw new Error(`an aborted run: got ${outcome ?? 'an end without an error'}, expected the reason of the signal`);
  const { labels } = await bitgauss.loadModel(await trainer.exportModel());
  if (labels.length !== 10) throw new Error(`an aborted run: got a model of ${labels.length} labels, expected 10`);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
