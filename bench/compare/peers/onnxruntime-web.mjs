// ONNX Runtime Web, wasm execution provider, one thread. Weights are initializers, so that it may lay them out beforehand.
import * as ort from 'onnxruntime-web';
import { normalised, pixels, signs, transpose } from '../data.mjs';
import { CLASSES, VGG_FEATURES, VGG_SMALL, vggWeights } from '../nets.mjs';
import { OnnxChain } from '../onnx-model.mjs';

ort.env.wasm.numThreads = 1;

const SAME3X3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const POOL2X2 = { kernel_shape: [2, 2], strides: [2, 2] };

/** [cout][3][3][cin] -> [cout][cin][3][3]. */
function filter(weight, cin, cout) {
  const result = new Float32Array(weight.length);
  const size = 9 * cin;
  for (let c = 0; c < cout; c++) result.set(transpose(weight.subarray(c * size, (c + 1) * size), 9, cin), c * size);
  return [result, [cout, cin, 3, 3]];
}

/** A contestant that runs a model; `order` makes [H][W][C] of what it gives. */
async function contestant(what, check, chain, input, inputShape, outputShape, order = (values) => values) {
  const bytes = chain.bytes(inputShape, outputShape);
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], intraOpNumThreads: 1 });
  const feeds = { x: new ort.Tensor('float32', input, inputShape) };
  let result;
  return {
    what,
    check,
    async run() {
      result = (await session.run(feeds))[session.outputNames[0]].data;
    },
    output: () => order(result),
  };
}

function convolution({ size, cin, cout }) {
  const positions = size * size;
  const chain = new OnnxChain().node('Conv', SAME3X3, [filter(signs(cout * 9 * cin, 2), cin, cout)]);
  const x = transpose(signs(positions * cin, 1), positions, cin);
  const shape = (channels) => [1, channels, size, size];
  return contestant('f32 convolution', 'sums', chain, x, shape(cin), shape(cout), (values) => transpose(values, cout, positions));
}

function gemm({ M, N, K }) {
  const chain = new OnnxChain().node('MatMul', {}, [[transpose(signs(N * K, 2), N, K), [K, N]]]);
  return contestant('f32 product by a constant', 'sums', chain, signs(M * K, 1), [M, K], [M, N]);
}

function vgg({ batch, imageSize }) {
  const { layers, head } = vggWeights();
  const chain = new OnnxChain();
  VGG_SMALL.forEach(({ cin, cout, pool }, i) => {
    chain.node('Conv', SAME3X3, [filter(layers[i].weight, cin, cout), [layers[i].bias, [cout]]]).node('Relu');
    if (pool) chain.node('MaxPool', POOL2X2);
  });
  // Features come in [C][H][W] order here: the columns of the head are moved accordingly.
  const columns = new Float32Array(head.weight.length);
  for (let c = 0; c < CLASSES; c++)
    columns.set(transpose(head.weight.subarray(c * VGG_FEATURES, (c + 1) * VGG_FEATURES), 16, 512), c * VGG_FEATURES);
  chain.node('Flatten').node('Gemm', { transB: 1 }, [
    [columns, [CLASSES, VGG_FEATURES]],
    [head.bias, [CLASSES]],
  ]);
  const images = normalised(pixels(batch * imageSize, 600));
  const x = new Float32Array(images.length);
  for (let i = 0; i < batch; i++) x.set(transpose(images.subarray(i * imageSize, (i + 1) * imageSize), 1024, 3), i * imageSize);
  const what = 'VGG-Small in f32 with ReLU, batch norm folded into the filters';
  return contestant(what, 'f32 logits', chain, x, [batch, 3, 32, 32], [batch, CLASSES]);
}

/** Training left the package with version 1.20; the call fails with its own message. */
async function training() {
  await ort.TrainingSession.create({});
  throw new Error('onnxruntime-web trains after all: write this task for it');
}

const KINDS = { convolution, gemm, vgg, mlp: training, cnn: training };

export const prepare = async (task) => [{ name: 'onnxruntime-web', ...(await KINDS[task.kind](task)) }];
