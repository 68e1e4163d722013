// The exported model against the trained network in evaluation mode: signs bit for bit, logits to 1e-4, image by image.
import { describe, expect, test } from 'vitest';
import { normalizationTable } from '../../src/core/normalization.js';
import { RandomStream } from '../../src/core/random.js';
import { exportModel } from '../../src/export/export-model.js';
import { readSafetensors } from '../../src/format/safetensors.js';
import { readGraph } from '../../src/inference/graph.js';
import { Session } from '../../src/inference/session.js';
import type { Layer } from '../../src/nn/layer.js';
import type { BitTensor } from '../../src/nn/tensor.js';
import { TrainingSession } from '../../src/train/session.js';
import {
  adamw,
  batchNorm,
  binaryConv2d,
  binaryLinear,
  bireal,
  conv2d,
  convnet,
  flatten,
  hardtanh,
  linear,
  maxout,
  maxPool2d,
  mdTanh,
  mlp,
  prelu,
  quantizedActivations,
  realActivations,
  relu,
  rprelu,
  rsign,
  sequential,
  type TrainingMethod,
  vispa,
  xnor,
} from '../../src/train.js';
import { opOutputs } from '../helpers/op-outputs.js';

const IMAGES = 70;
const CLASSES = 5;

interface Case {
  name: string;
  shape: { height: number; width: number; channels: number };
  layers: Layer[];
  /** Signs between the layers that are compared. */
  signs: number;
  /** Default vispa. */
  method?: TrainingMethod;
  /** Sums of f32 in both in the same order: logits to the last bit. */
  exact?: boolean;
}

const conv3 = { kernelSize: 3, padding: 1 };
const activations = realActivations();
const [two, three] = [quantizedActivations(2), quantizedActivations(3)];
const cases: Case[] = [
  {
    name: 'pool, norm and PReLU between binary convolutions',
    shape: { height: 12, width: 12, channels: 1 },
    layers: [
      ...[conv2d(9, { ...conv3, bias: false }), maxPool2d(2), batchNorm(), prelu()],
      ...[binaryConv2d(67, conv3), maxPool2d(2), batchNorm(), prelu()],
      ...[binaryConv2d(33, conv3), batchNorm(), prelu(), binaryConv2d(20, conv3), batchNorm(), prelu()],
      ...[flatten(), linear(CLASSES)],
    ],
    signs: 3,
  },
  {
    name: 'scales without norm, across pools, odd maps',
    shape: { height: 13, width: 11, channels: 3 },
    layers: [
      ...[conv2d(8, { kernelSize: 3, stride: 2, padding: 1 }), hardtanh()],
      ...[binaryConv2d(17, conv3), maxPool2d(2), hardtanh(), binaryConv2d(12, { kernelSize: 2 }), maxPool2d(2)],
      ...[flatten(), binaryLinear(40), binaryLinear(CLASSES)],
    ],
    signs: 4,
  },
  {
    name: 'a learnable scale in front of a norm, strides, a binary first layer and a binary head',
    shape: { height: 10, width: 13, channels: 3 },
    layers: [
      ...[binaryConv2d(16, { ...conv3, stride: 2, alpha: true }), batchNorm(), hardtanh()],
      ...[binaryConv2d(70, { kernelSize: 5, stride: 3, padding: 2, alpha: true }), maxPool2d(2), batchNorm(), prelu()],
      ...[flatten(), binaryLinear(CLASSES), batchNorm()],
    ],
    signs: 3,
  },
  {
    name: 'mlp in bits from the first layer to the last',
    shape: { height: 7, width: 5, channels: 3 },
    layers: [...mlp({ classes: CLASSES, hidden: [70, 33], stem: 'binary', head: 'binary' }).layers],
    signs: 3,
  },
  {
    name: 'convnet in bits, a narrow one',
    shape: { height: 13, width: 12, channels: 3 },
    layers: [...convnet({ classes: CLASSES, width: 0.2, stem: 'binary', head: 'binary' }).layers],
    signs: 4,
  },
  {
    name: 'RSign, RPReLU, maxout and ReLU, on integers and on reals',
    shape: { height: 11, width: 9, channels: 3 },
    layers: [
      ...[conv2d(9, conv3), rsign(), binaryConv2d(17, { ...conv3, alpha: true }), maxPool2d(2), batchNorm(), ...rprelu()],
      ...[binaryConv2d(12, conv3), maxout(), binaryConv2d(10, conv3), batchNorm(), maxout()],
      ...[binaryConv2d(8, { kernelSize: 2 }), batchNorm(), relu(), conv2d(7, { kernelSize: 2 }), maxout(), flatten()],
      ...[rsign(), linear(20), relu(), binaryLinear(CLASSES), batchNorm()],
    ],
    signs: 5,
  },
  {
    name: 'binary weights and real activations',
    shape: { height: 11, width: 9, channels: 3 },
    layers: [
      ...[binaryConv2d(9, { ...conv3, activations }), maxPool2d(2), prelu(), binaryConv2d(70, { ...conv3, activations }), batchNorm()],
      ...[relu(), binaryConv2d(12, { kernelSize: 2, stride: 2, activations, alpha: true }), maxPool2d(2), batchNorm(), hardtanh()],
      ...[flatten(), binaryLinear(70, { activations }), batchNorm(), maxout(), binaryLinear(CLASSES, { activations })],
    ],
    signs: 0,
    exact: true,
  },
  {
    name: 'activations of two and three bits, in front of signs and reals',
    shape: { height: 11, width: 9, channels: 3 },
    layers: [
      ...[
        binaryConv2d(9, { ...conv3, activations: two }),
        maxPool2d(2),
        prelu(),
        binaryConv2d(70, { ...conv3, activations: three }),
        batchNorm(),
      ],
      ...[binaryConv2d(12, { kernelSize: 2, stride: 2 }), maxPool2d(2), batchNorm(), hardtanh()],
      ...[flatten(), binaryLinear(70, { activations: three }), batchNorm(), binaryLinear(CLASSES, { activations: two }), batchNorm()],
    ],
    signs: 1,
    exact: true,
  },
];
// The weights' own scales, alone and beside alpha.
cases.push(
  { ...cases[1], name: `${cases[1].name}, weights with scales`, method: xnor() },
  { ...cases[2], name: `${cases[2].name}, weights with scales`, method: bireal() },
  { ...cases[6], name: `${cases[6].name}, weights with scales`, method: xnor() },
  { ...cases[7], name: `${cases[7].name}, weights with scales`, method: xnor() },
);
// Weights that are real in training: evaluation sums up signs in f32.
cases.push(...cases.slice(0, 5).map((item) => ({ ...item, name: `${item.name}, real weights`, method: mdTanh() })));

/** A network whose parameters are as awkward as they get, evaluated on random images. */
async function prepare({ shape, layers, method = vispa() }: Case) {
  const table = normalizationTable(Array(shape.channels).fill(0.4), Array(shape.channels).fill(0.3));
  const session = await TrainingSession.create({
    model: sequential(layers),
    input: { shape, type: 'u8', table },
    classes: CLASSES,
    batchSize: IMAGES,
    gradients: 'int16',
    seed: 5,
    method,
    optimizer: adamw(),
    realOptimizer: adamw(),
  });
  const { network, runtime } = session;
  const stream = new RandomStream(9, 'awkward');
  const centered = (): number => 2 * stream.uniform() - 1;
  for (const parameter of network.realParameters) {
    const view = runtime.arena.f32(parameter.data, parameter.size);
    const awkward = { gamma: [-1, 0, -0.5], beta: [0, -0.5, 0.5], slope: [0, -0.25, 0.25], alpha: [-0.5, -0.01, 0.25] }[
      parameter.name.split('.').at(-1) ?? ''
    ];
    if (awkward === undefined) continue;
    for (let c = 0; c < view.length; c++) view[c] = c < awkward.length ? awkward[c] : c % 5 === 4 ? awkward[c % 3] : centered();
  }
  for (const buffer of network.steps.flatMap((step) => step.buffers?.() ?? [])) {
    const mean = buffer.name.endsWith('runningMean');
    const view = runtime.arena.f32(buffer.pointer, buffer.size);
    // Whole means and a variance that makes sigma 1: with beta 0, sums that equal the mean are exact ties.
    for (let c = 0; c < view.length; c++) view[c] = mean ? Math.round(6 * centered()) : c % 2 === 0 ? 1 - 1e-5 : 4 * stream.uniform();
  }
  const size = shape.height * shape.width * shape.channels;
  const images = Uint8Array.from({ length: IMAGES * size }, () => stream.integer(256));
  session.draw({ kind: 'sample', index: 3 });
  network.batchViews().images.set(images);
  for (const _ of network.forward({ training: false, count: IMAGES, step: 0 }));
  const bytes = exportModel(network, {
    shape,
    type: 'u8',
    mean: Array(shape.channels).fill(0.4),
    std: Array(shape.channels).fill(0.3),
    labels: ['a', 'b', 'c', 'd', 'e'],
  });
  return { session, images, size, bytes };
}

/** ±1 [H][W][C] of one image from the words along the images. */
function signsOf(session: TrainingSession, tensor: BitTensor, image: number): number[] {
  const { height, width, channels } = tensor.shape;
  const values = height * width * channels;
  const words = session.runtime.arena.u32(tensor.words.pointer, tensor.words.bytes / 4);
  return Array.from({ length: values }, (_, i) => {
    const word = 2 * ((image >> 6) * values + i) + ((image >> 5) & 1);
    return (words[word] >>> (image & 31)) & 1 ? -1 : 1;
  });
}

describe('an exported model', () => {
  for (const item of cases) {
    test(`equals the trained one: ${item.name}`, async () => {
      const { session, images, size, bytes } = await prepare(item);
      const { network } = session;
      const logits = network.logits(IMAGES);
      const inference = await Session.create(readGraph(bytes));
      const tensors = network.steps
        .map((step) => step.output)
        .filter(
          (output, i, all): output is BitTensor =>
            output.kind === 'bits' && all[i - 1] !== output && network.steps[i].name.split('.')[1] !== 'flatten',
        );
      expect(tensors).toHaveLength(item.signs);
      for (const image of [0, 1, 2, 31, 32, 63, 64, IMAGES - 1]) {
        const outputs = opOutputs(inference, images.slice(image * size, (image + 1) * size));
        const signs = outputs.filter(({ op }) => op === 'threshold' || op === 'sign');
        expect(signs).toHaveLength(tensors.length);
        tensors.forEach((tensor, i) => {
          expect([...signs[i].values]).toEqual(signsOf(session, tensor, image));
        });
        const last = outputs[outputs.length - 1].values;
        // Behind a binary layer the logits are one multiplication and one addition of integers: the same bits. Else sums of f32.
        if (item.exact || outputs.at(-1)?.op === 'affine')
          expect([...last]).toEqual([...logits.slice(image * CLASSES, (image + 1) * CLASSES)]);
        for (let c = 0; c < CLASSES; c++)
          expect(Math.abs(last[c] - logits[image * CLASSES + c])).toBeLessThanOrEqual(
            1e-4 * Math.max(1, Math.abs(logits[image * CLASSES + c])),
          );
      }
    });
  }

  test('meets exact ties and constant channels in these cases', async () => {
    const { bytes, images, size } = await prepare(cases[0]);
    const inference = await Session.create(readGraph(bytes));
    const { tensors } = readSafetensors(bytes);
    const t = [...tensors].find(([name]) => name.endsWith('.threshold'));
    const flips = [...tensors].find(([name]) => name.endsWith('.flip'));
    const thresholds = new Int16Array((t?.[1].data as Int16Array) ?? []);
    // gamma = 0 and slopes of at most 0 make constants, negative gammas flipped compares.
    expect(thresholds).toContain(-32768);
    expect([...((flips?.[1].data as Uint8Array) ?? [])].some((flip, c) => flip === 1 && thresholds[c] !== -32768)).toBe(true);
    // An exact tie: a sum that is the threshold itself, the smallest one that counts as +1.
    let ties = 0;
    for (let image = 0; image < 8; image++) {
      const outputs = opOutputs(inference, images.slice(image * size, (image + 1) * size));
      const at = outputs.findIndex(({ op }) => op === 'threshold');
      outputs[at - 1].values.forEach((sum, i) => {
        if (sum === thresholds[i % thresholds.length]) ties++;
      });
    }
    expect(ties).toBeGreaterThan(0);
  });

  test('is the same file for the same network', async () => {
    const first = await prepare(cases[0]);
    const second = await prepare(cases[0]);
    expect(second.bytes).toEqual(first.bytes);
  });
});
