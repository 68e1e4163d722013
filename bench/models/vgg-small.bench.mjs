// VGG-Small (CIFAR-10 architecture, random weights) from pixels to probabilities: one image, one thread; and where the time goes.
//   npm run bench -- vgg-small [--quick] [--kernels lookup|popcount|auto] [--reference DIR] [--save]
// --reference: a folder with inference.ts, lookup.ts and inference.bench.mjs, compiled and run in the same minute: the ratio to the sum of its
// five convolutions, best times.
import { writeModel } from '../../build/js/format/model-write.js';
import { readGraph } from '../../build/js/inference/graph.js';
import { Session } from '../../build/js/inference/session.js';
import { loadModel } from '../../dist/index.js';
import { interleave, option, record } from '../harness.mjs';
import { runReference } from '../reference.mjs';

const rounds = process.argv.includes('--quick') ? 30 : 300;
const reference = option('--reference');
const kernels = option('--kernels', 'lookup');

let seed = 1;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

/** The model file. */
function vggSmall() {
  const ops = [];
  const tensors = new Map();
  const tensor = (dtype, type, shape, value) => {
    const name = `t${tensors.size}`;
    tensors.set(name, { dtype, shape, data: type.from({ length: shape.reduce((a, b) => a * b, 1) }, value) });
    return name;
  };
  const real = (...shape) => tensor('F32', Float32Array, shape, () => random() - 0.5);
  ops.push({ op: 'conv2d_f32', weight: real(128, 3, 3, 3), stride: 1, padding: 1 });
  ops.push({ op: 'affine', scale: real(128), shift: real(128) }, { op: 'sign' });
  const layers = [
    [128, 128, true],
    [128, 256, false],
    [256, 256, true],
    [256, 512, false],
    [512, 512, true],
  ];
  for (const [cin, cout, pool] of layers) {
    const weight = tensor('U8', Uint8Array, [cout, 3, 3, cin / 8], () => random() * 256);
    ops.push({ op: 'conv2d_b1b1', weight, cin, stride: 1, padding: 1 });
    if (pool) ops.push({ op: 'max_pool2d', size: 2, stride: 2 });
    const threshold = tensor('I16', Int16Array, [cout], () => random() * 40 - 20);
    ops.push({ op: 'threshold', threshold, flip: tensor('U8', Uint8Array, [cout], () => random() * 2) });
  }
  // The signs of the last block are features of a real-valued layer: an affine of integers gives them as f32.
  ops.pop();
  for (const name of [`t${tensors.size - 1}`, `t${tensors.size - 2}`]) tensors.delete(name);
  ops.push({ op: 'affine', scale: real(512), shift: real(512) }, { op: 'hardtanh' }, { op: 'flatten' });
  ops.push({ op: 'linear_f32', weight: real(10, 8192), bias: real(10) });
  const input = { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], type: 'u8' };
  return writeModel({ input, labels: [...'0123456789'], ops }, tensors);
}

const file = vggSmall();
const model = await loadModel(file, { kernels });
const image = Uint8Array.from({ length: 3072 }, () => random() * 256);

/** Best microseconds of every operation, inside whole predictions. */
async function profile() {
  const graph = readGraph(file, (i) => model.ops[i].kernel ?? 'lookup');
  const best = graph.ops.map(() => Infinity);
  const ops = graph.ops.map((op, i) => ({
    ...op,
    run: (kernel, at) => {
      const start = performance.now();
      op.run(kernel, at);
      best[i] = Math.min(best[i], performance.now() - start);
    },
  }));
  const session = await Session.create({ ...graph, ops });
  for (let round = 0; round < rounds; round++) {
    session.start(image);
    session.logits(0);
  }
  return model.ops.map(({ name, outputShape, kernel }, i) => ({
    op: name,
    output: outputShape.join('x'),
    ...(kernel === undefined ? {} : { kernel }),
    us: Number((best[i] * 1000).toFixed(1)),
  }));
}

const expected =
  reference === undefined ? undefined : JSON.parse(runReference(reference, 'inference', 2000, ['--quick', '--json'])).vggSmall;
const { median, best, spread } = interleave({ predict: () => model.predict(image) }, rounds).predict;
const macs = model.ops.reduce((sum, op) => sum + op.macs, 0);
const operations = await profile();
const result = {
  ms: Number(median.toFixed(3)),
  bestMs: Number(best.toFixed(3)),
  spread: Number(spread.toFixed(2)),
  convolutionsMs: Number((operations.reduce((sum, { op, us }) => sum + (op === 'conv2d_b1b1' ? us : 0), 0) / 1000).toFixed(3)),
  ...(expected === undefined ? {} : { ofReference: Number((best / expected).toFixed(2)) }),
  macs,
  fileBytes: model.bytes,
  memoryBytes: model.memoryBytes,
};
console.table(operations);
console.log(`VGG-Small: ${result.ms} ms (best ${result.bestMs}), ${Math.round(macs / median / 1e6)} GMAC/s; ${JSON.stringify(result)}`);
if (process.argv.includes('--save'))
  record(`vgg-small-node${process.versions.node.split('.')[0]}`, 'npm run bench -- vgg-small --save', { ...result, operations });
