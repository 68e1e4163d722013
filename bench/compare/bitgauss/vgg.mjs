// VGG-Small (1-bit, random weights) from pixels to logits: the runtime on a model file, image by image; and, for batches of 64, the evaluation pass
// of the training binary, whose lanes are images.
import { exportModel } from '../../../build/js/export/export-model.js';
import { vggSmall } from '../../../build/js/models/vgg-small.js';
import { loadModel } from '../../../dist/index.js';
import { pixels } from '../data.mjs';
import { CLASSES } from '../nets.mjs';
import { session } from './training.mjs';

export async function vgg(task) {
  const { batch, imageSize } = task;
  const images = pixels(batch * imageSize, 600);
  const training = await session(vggSmall({ classes: CLASSES }), { batch: 64, imageSize }, 'int16');
  training.draw({ kind: 'mode' });
  const labels = Array.from({ length: CLASSES }, (_, i) => String(i));
  const input = { shape: { height: 32, width: 32, channels: 3 }, type: 'u8', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], labels };
  const model = await loadModel(exportModel(training.network, input));
  let logits;
  const predict = {
    name: 'bitgauss',
    what: 'predict of the runtime, image by image: bytes in, probabilities out',
    check: '1-bit logits',
    run() {
      for (let i = batch - 1; i >= 0; i--) ({ logits } = model.predict(images.subarray(i * imageSize, (i + 1) * imageSize)));
    },
    output: () => logits,
  };
  const evaluate = {
    name: 'bitgauss, training binary',
    what: 'evaluation pass of the training binary on 64 images: bytes in, logits out',
    check: '1-bit logits',
    run() {
      training.network.batchViews().images.set(images);
      for (const _ of training.network.forward({ training: false, count: batch, step: 0 }));
      logits = training.network.logits(batch);
    },
    output: () => logits.slice(0, CLASSES),
  };
  return batch === 64 ? [predict, evaluate] : [predict];
}
