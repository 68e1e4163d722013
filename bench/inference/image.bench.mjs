// Inference of one image, one thread: binary convolutions with borders, and VGG-Small from pixels to probabilities.
//   npm run bench -- inference [--quick] [--save]
import { readFileSync } from 'node:fs';
import { writeModel } from '../../build/js/format/model-write.js';
import { planes } from '../../build/js/inference/activation.js';
import { guardPositions } from '../../build/js/inference/conv-geometry.js';
import { loadModel } from '../../dist/index.js';
import { interleave, record } from '../harness.mjs';

const rounds = process.argv.includes('--quick') ? 20 : 300;
/** size, cin, cout, kernel, stride, padding */
const SHAPES = [
  [32, 128, 128, 3, 1, 1],
  [16, 128, 256, 3, 1, 1],
  [16, 256, 256, 3, 1, 1],
  [8, 256, 512, 3, 1, 1],
  [8, 512, 512, 3, 1, 1],
  [56, 64, 64, 3, 1, 1],
  [28, 128, 128, 3, 1, 1],
  [14, 256, 256, 3, 1, 1],
  [7, 512, 512, 3, 1, 1],
  [56, 64, 128, 3, 2, 1],
  [28, 64, 64, 3, 1, 0],
  [14, 64, 64, 5, 1, 2],
];

let seed = 1;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

const memory = new WebAssembly.Memory({ initial: 256 });
const bytes = readFileSync(new URL('../../dist/wasm/inference.wasm', import.meta.url));
const { exports: kernels } = (await WebAssembly.instantiate(bytes, { env: { memory } })).instance;

/** One call of the convolution on random signs. */
function convolution([size, cin, cout, kernel, stride, padding]) {
  const scratch = 65536;
  const out = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const geometry = { kernelHeight: kernel, kernelWidth: kernel, stride, padding };
  const x = planes('bits', size, size, cin);
  const y = planes('int16', out, out, cout, guardPositions(geometry, size));
  const xAt = scratch + 65536;
  const wAt = xAt + Math.ceil(x.bytes / 64) * 64;
  const wordBytes = kernel * kernel * Math.ceil(cin / 64) * cout * 8;
  const yAt = wAt + wordBytes + y.offset;
  new Int8Array(memory.buffer, xAt, x.bytes).forEach((_, i, all) => {
    all[i] = random() < 0.5 ? -1 : 1;
  });
  new Uint8Array(memory.buffer, wAt, wordBytes).forEach((_, i, all) => {
    all[i] = random() * 256;
  });
  const sizes = [x.stride, y.stride, size, size, cin, cout, kernel, kernel, stride, padding];
  return {
    macs: out * out * kernel * kernel * cin * cout,
    run: () => kernels.conv2d_b1b1_i16(scratch, xAt, wAt, yAt, ...sizes, 0, Math.ceil(cout / 64)),
  };
}

/** VGG-Small (CIFAR-10) with random weights. */
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

const rows = [];
for (const shape of SHAPES) {
  const { macs, run } = convolution(shape);
  const { median, best } = interleave({ run }, rounds).run;
  const [size, cin, cout, kernel, stride, padding] = shape;
  const name = `${cin}->${cout}@${size}x${size}, ${kernel}x${kernel} stride ${stride} padding ${padding}`;
  rows.push({
    shape: name,
    ms: Number(median.toFixed(4)),
    gmacs: Math.round(macs / median / 1e6),
    bestGmacs: Math.round(macs / best / 1e6),
  });
  console.log(
    `${name.padEnd(38)} ${median.toFixed(3)} ms ${String(Math.round(macs / median / 1e6)).padStart(4)} GMAC/s (best ${Math.round(macs / best / 1e6)})`,
  );
}
const file = vggSmall();
const model = await loadModel(file);
const image = Uint8Array.from({ length: 3072 }, () => random() * 256);
const { median, best } = interleave({ run: () => model.predict(image) }, rounds).run;
rows.push({
  shape: 'VGG-Small, pixels to probabilities',
  ms: Number(median.toFixed(4)),
  fileBytes: file.length,
  memoryBytes: model.memoryBytes,
});
console.log(
  `${'VGG-Small, pixels to probabilities'.padEnd(38)} ${median.toFixed(3)} ms (best ${best.toFixed(3)}), file ${file.length} bytes`,
);
if (process.argv.includes('--save')) record(`inference-node${process.versions.node.split('.')[0]}`, 'npm run bench -- inference', rows);
