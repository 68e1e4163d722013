// One binary layer of one image through the product's own operations: convolution, then threshold, from ±1 planes to ±1 planes in wasm memory,
// as inside a network. Weights, thresholds and input are random; the memory of a layer's output may be that of its input, so that a run may
// take the signs of the one before.
import { writeModel } from '../../build/js/format/model-write.js';
import { readGraph } from '../../build/js/inference/graph.js';
import { layOut } from '../../build/js/inference/layout.js';
import { InferenceRuntime } from '../../build/js/inference/runtime.js';

/**
 * `await layer({ channels, size })`: a 3x3 convolution of maps `size` x `size`, `channels` -> `cout` channels (default: as many), stride 1,
 * zero padding kernelSize >> 1. `kernel`: 'lookup' (default, as in the product) or 'popcount'.
 * Returns { run, convolve, macs }: the whole layer, the convolution alone, and its multiply-accumulates, padding counted.
 */
export async function layer({ channels, size, cout = channels, kernelSize = 3, stride = 1, kernel = 'lookup' }) {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const tensors = new Map();
  const tensor = (dtype, type, shape, value) => {
    const name = `t${tensors.size}`;
    tensors.set(name, { dtype, shape, data: type.from({ length: shape.reduce((a, b) => a * b) }, value) });
    return name;
  };
  const rowBytes = Math.ceil(channels / 8);
  const spare = channels % 8 === 0 ? 255 : (1 << (channels % 8)) - 1;
  const bits = (_, i) => (random() * 256) & (i % rowBytes === rowBytes - 1 ? spare : 255);
  const ops = [
    { op: 'sign' },
    {
      op: 'conv2d_b1b1',
      weight: tensor('U8', Uint8Array, [cout, kernelSize, kernelSize, rowBytes], bits),
      cin: channels,
      stride,
      padding: kernelSize >> 1,
    },
    {
      op: 'threshold',
      threshold: tensor('I16', Int16Array, [cout], () => random() * 40 - 20),
      flip: tensor('U8', Uint8Array, [cout], () => random() * 2),
    },
  ];
  // A model ends with logits; what follows the layer never runs.
  ops.push({
    op: 'conv2d_b1b1',
    weight: tensor('U8', Uint8Array, [1, 1, 1, Math.ceil(cout / 8)], () => 0),
    cin: cout,
    stride: 1,
    padding: 0,
  });
  ops.push({ op: 'max_pool2d', size: Math.floor((size + 2 * (kernelSize >> 1) - kernelSize) / stride) + 1, stride: 1 });
  ops.push({ op: 'affine', scale: tensor('F32', Float32Array, [1], () => 1), shift: tensor('F32', Float32Array, [1], () => 0) });
  const fill = (value) => Array.from({ length: channels }, () => value);
  const input = { height: size, width: size, channels, mean: fill(0), std: fill(1), type: 'f32' };
  const graph = readGraph(writeModel({ input, labels: ['0'], ops }, tensors), () => kernel);
  const runtime = await InferenceRuntime.create();
  const { constants, networks, input: image } = layOut(graph, (bytes) => runtime.reserve(bytes));
  const { buffer } = runtime.memory;
  for (const [values, address] of constants)
    new Uint8Array(buffer, address).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const pixels = new Float32Array(buffer, image, (graph.input.bytes - graph.input.offset) / 4);
  for (let i = 0; i < pixels.length; i++) pixels[i] = random() - 0.5;
  const runOp = (i) => graph.ops[i].run(runtime.run, networks[0][i]);
  runOp(0);
  return {
    convolve: () => runOp(1),
    run: () => {
      runOp(1);
      runOp(2);
    },
    macs: graph.ops[1].macs,
  };
}
