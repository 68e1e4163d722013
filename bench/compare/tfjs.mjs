// What both backends of TensorFlow.js run. Convolutions are fused with bias and ReLU; nets in training are tfjs-layers models with Adam.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { normalised, pixels, signs, transpose } from './data.mjs';
import { batch, CLASSES, CNN, VGG_FEATURES, VGG_SMALL, vggWeights } from './nets.mjs';

/** [cout][3][3][cin] -> [3][3][cin][cout]. */
const filter = (weight, cin, cout) => tf.tensor4d(transpose(weight, cout, 9 * cin), [3, 3, cin, cout]);

function convolution({ size, cin, cout }) {
  const x = tf.tensor4d(signs(size * size * cin, 1), [1, size, size, cin]);
  const w = filter(signs(cout * 9 * cin, 2), cin, cout);
  return kept('f32 convolution', 'sums', () => tf.conv2d(x, w, 1, 'same'));
}

function gemm({ M, N, K }) {
  const x = tf.tensor2d(signs(M * K, 1), [M, K]);
  const w = tf.tensor2d(transpose(signs(N * K, 2), N, K), [K, N]);
  return kept('f32 product, no operand transposed', 'sums', () => tf.matMul(x, w));
}

function vgg({ batch: images, imageSize }) {
  const x = tf.tensor4d(normalised(pixels(images * imageSize, 600)), [images, 32, 32, 3]);
  const { layers, head } = vggWeights();
  const weights = layers.map(({ weight, bias }, i) => ({
    filter: filter(weight, VGG_SMALL[i].cin, VGG_SMALL[i].cout),
    bias: tf.tensor1d(bias),
  }));
  const last = tf.tensor2d(transpose(head.weight, CLASSES, VGG_FEATURES), [VGG_FEATURES, CLASSES]);
  const lastBias = tf.tensor1d(head.bias);
  return kept('VGG-Small in f32 with ReLU, batch norm folded into the filters', 'f32 logits', () =>
    tf.tidy(() => {
      let y = x;
      VGG_SMALL.forEach(({ pool }, i) => {
        y = tf.fused.conv2d({ x: y, ...weights[i], strides: 1, pad: 'same', activation: 'relu' });
        if (pool) y = tf.maxPool(y, 2, 2, 'valid');
      });
      return tf.fused.matMul({ a: tf.reshape(y, [images, VGG_FEATURES]), b: last, bias: lastBias });
    }),
  );
}

/** A contestant that keeps its last result in the backend's memory. */
function kept(what, check, compute) {
  let result;
  return {
    what,
    check,
    run() {
      result?.dispose();
      result = compute();
    },
    output: () => Float32Array.from(result.dataSync()),
  };
}

const LAYERS = {
  mlp: ({ hidden }) => hidden.map((units, i) => tfl.layers.dense({ units, activation: 'relu', ...(i === 0 ? { inputShape: [784] } : {}) })),
  cnn: () => [
    ...CNN.channels.flatMap((filters, i) => [
      tfl.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', ...(i === 0 ? { inputShape: [28, 28, 1] } : {}) }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
    ]),
    tfl.layers.flatten(),
    tfl.layers.dense({ units: CNN.hidden, activation: 'relu' }),
  ],
};

function training(task) {
  const model = tfl.sequential({ layers: [...LAYERS[task.kind](task), tfl.layers.dense({ units: CLASSES, activation: 'softmax' })] });
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'sparseCategoricalCrossentropy' });
  const data = batch(task);
  const images = normalised(data.images);
  const labels = Float32Array.from(data.labels);
  const shape = [task.batch, ...model.inputs[0].shape.slice(1)];
  let loss = Number.NaN;
  return {
    what: 'all layers f32, ReLU, Adam',
    async run() {
      const x = tf.tensor(images, shape);
      const y = tf.tensor(labels, [task.batch, 1]);
      loss = await model.trainOnBatch(x, y);
      tf.dispose([x, y]);
    },
    loss: () => loss,
  };
}

const KINDS = { convolution, gemm, vgg, mlp: training, cnn: training };

export async function tfjs(name, backend, task) {
  await tf.setBackend(backend);
  await tf.ready();
  return [{ name, ...KINDS[task.kind](task) }];
}
