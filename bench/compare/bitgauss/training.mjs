// Training steps: the 1-bit nets of the same shapes, and the same layers in f32.
import { normalizationTable } from '../../../build/js/core/normalization.js';
import { mlp } from '../../../build/js/models/mlp.js';
import { vggSmall } from '../../../build/js/models/vgg-small.js';
import { gradientTypes } from '../../../build/js/nn/gradient-format.js';
import { batchNorm, binaryConv2d, binaryLinear, conv2d, flatten, linear, maxPool2d, prelu } from '../../../build/js/nn/layers/registry.js';
import { sequential } from '../../../build/js/nn/sequential.js';
import { ste } from '../../../build/js/train/methods/ste.js';
import { adamw } from '../../../build/js/train/optimizers/adamw.js';
import { Pace } from '../../../build/js/train/pace.js';
import { TrainingSession } from '../../../build/js/train/session.js';
import { batch, CLASSES, CNN } from '../nets.mjs';

const classes = CLASSES;

const cnn = () =>
  sequential([
    conv2d(CNN.channels[0], { kernelSize: 3, bias: false }),
    maxPool2d(2),
    batchNorm(),
    prelu(),
    binaryConv2d(CNN.channels[1], { kernelSize: 3 }),
    maxPool2d(2),
    batchNorm(),
    prelu(),
    flatten(),
    binaryLinear(CNN.hidden),
    batchNorm(),
    prelu(),
    linear(classes),
  ]);

const cnnInF32 = () =>
  sequential([
    ...CNN.channels.flatMap((channels) => [conv2d(channels, { kernelSize: 3 }), maxPool2d(2), prelu()]),
    flatten(),
    linear(CNN.hidden),
    prelu(),
    linear(classes),
  ]);

const mlpInF32 = (hidden) => sequential([flatten(), ...hidden.flatMap((size) => [linear(size), prelu()]), linear(classes)]);

/** [layers of the 1-bit net in words, the net, the f32 net or none] of a kind of task. */
const NETS = {
  mlp: ({ hidden }) => [
    'binary hidden layer, f32 first and last layer, batch norm, PReLU',
    () => mlp({ classes, hidden }),
    () => mlpInF32(hidden),
  ],
  cnn: () => ['f32 first convolution and last layer, binary in between, batch norm, PReLU', cnn, cnnInF32],
  'vgg-training': () => ['VGG-Small, f32 first and last layer, batch norm, PReLU', () => vggSmall({ classes })],
};
const SHAPES = { 784: { height: 28, width: 28, channels: 1 }, 3072: { height: 32, width: 32, channels: 3 } };

/** The session of a net, for batches of bytes. */
export function session(model, { batch: batchSize, imageSize }, gradients, threads = 1) {
  const shape = SHAPES[imageSize];
  const half = (value) => new Array(shape.channels).fill(value);
  return TrainingSession.create({
    model,
    input: { shape, type: 'u8', table: normalizationTable(half(0.5), half(0.25)) },
    classes,
    batchSize,
    gradients,
    seed: 0,
    method: ste(),
    optimizer: adamw(),
    realOptimizer: adamw(),
    threads,
  });
}

/** Steps of the whole run, for methods that change on the way. */
const STEPS = 1e6;

/** A contestant that trains on one batch, which it copies anew in each step. */
async function contestant(name, what, model, task, gradients, threads) {
  const training = await session(model, task, gradients, threads);
  const { images, labels } = batch(task);
  const pace = new Pace();
  let step = 0;
  let loss = Number.NaN;
  return {
    name,
    what: `${what}, AdamW`,
    threads,
    async run() {
      const views = training.network.batchViews();
      views.images.set(images);
      views.labels.set(labels);
      ({ loss } = await training.step(task.batch, step++, STEPS, { latent: 0.001, real: 0.001 }, pace));
    },
    loss: () => loss,
  };
}

/** Gradient types and threads: VGG-Small stands beside PyTorch, which has two threads, too. The first one is the one that others are compared with. */
const variants = ({ kind }) =>
  (kind === 'vgg-training' ? [1, 2] : [1]).flatMap((threads) => gradientTypes().map((gradients) => ({ gradients, threads })));

export async function training(task) {
  const [what, model, inF32] = NETS[task.kind](task);
  const contestants = [];
  for (const [i, { gradients, threads }] of variants(task).entries()) {
    const name = ['bitgauss', ...(i === 0 ? [] : [`${gradients} gradients`]), ...(threads === 1 ? [] : [`${threads} threads`])].join(', ');
    contestants.push(await contestant(name, `${what}, ${gradients} gradients`, model(), task, gradients, threads));
  }
  if (inF32 !== undefined) contestants.push(await contestant('bitgauss, f32 layers', 'all layers f32, PReLU', inF32(), task, 'f32', 1));
  return contestants;
}
