import { describe, expect, it } from 'vitest';
import type { WritableTensor } from '../../src/format/safetensors-write.js';
import { writeSafetensors } from '../../src/format/safetensors-write.js';
import { BitgaussError } from '../../src/index.js';
import { readGraph } from '../../src/inference/graph.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';

interface Parts {
  metadata: Record<string, string>;
  input: Record<string, unknown>;
  labels: unknown;
  ops: Record<string, unknown>[];
  tensors: Map<string, WritableTensor>;
}

/** A good file, changed, as bytes. The JSON texts of `metadata`, where given, win. */
function corrupt(change: (parts: Parts) => unknown): Uint8Array {
  const file = new ModelFile(new TestRandom(1), [6, 6, 2])
    .conv2dF32(3, 3, 1, 1, true) // 0, tensors 0 and 1
    .sign() // 1
    .conv2dB1b1(10, 3, 1, 1) // 2, tensor 2
    .maxPool2d(2, 2) // 3
    .threshold() // 4, tensors 3 and 4
    .flatten() // 5
    .linearB1b1(4) // 6, tensor 5
    .affine() // 7, tensors 6 and 7
    .prelu() // 8, tensor 8
    .linearF32(2, true); // 9, tensors 9 and 10
  const parts: Parts = {
    metadata: {},
    input: { ...file.model.input },
    labels: ['a', 'b'],
    ops: file.model.ops.map((op) => ({ ...op })),
    tensors: new Map([...file.tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape: [...shape], data: data.slice() }])),
  };
  change(parts);
  const { input, labels, ops, metadata } = parts;
  const texts = { input: JSON.stringify(input), labels: JSON.stringify(labels), ops: JSON.stringify(ops) };
  const all = Object.entries({ format: 'bitgauss', version: '1', ...texts, ...metadata }).filter(([, text]) => text !== undefined);
  return writeSafetensors(parts.tensors, Object.fromEntries(all));
}

const insert = (parts: Parts, i: number, op: string): unknown => parts.ops.splice(i, 0, { op });
/** Replaces the data and shape of a tensor. */
function set(parts: Parts, tensor: number, shape: number[], data?: WritableTensor['data']): void {
  const old = parts.tensors.get(`tensor ${tensor}`) as WritableTensor;
  const length = shape.reduce((a, b) => a * b, 1);
  const same = new (old.data.constructor as new (n: number) => WritableTensor['data'])(length);
  const dtypes: Record<string, WritableTensor['dtype']> = { Uint8Array: 'U8', Int16Array: 'I16', Float32Array: 'F32', Int32Array: 'I32' };
  const values = data ?? same;
  parts.tensors.set(`tensor ${tensor}`, { dtype: dtypes[values.constructor.name], shape, data: values });
}
const values = (parts: Parts, tensor: number): WritableTensor['data'] => (parts.tensors.get(`tensor ${tensor}`) as WritableTensor).data;

const CASES: Record<string, [(parts: Parts) => unknown, RegExp]> = {
  'another format': [(p) => (p.metadata.format = 'onnx'), /model format: got "onnx", expected "bitgauss"/],
  'no format': [(p) => (p.metadata.format = undefined as never), /model format: got nothing/],
  'another version': [(p) => (p.metadata.version = '2'), /model version: got "2", expected "1"/],
  'no ops text': [(p) => (p.metadata.ops = undefined as never), /model ops: got nothing, expected a JSON text/],
  'ops that are no JSON': [(p) => (p.metadata.ops = '[{]'), /model ops: got a text that is no JSON/],
  'ops that are no array': [(p) => (p.metadata.ops = '{}'), /model ops: got \{\}, expected an array/],
  'no operations': [(p) => (p.ops = []), /model ops: got \[\]/],
  'an operation that is no object': [(p) => (p.ops[1] = 'sign' as never), /ops\[1\]: got "sign", expected a JSON object/],
  'an operation without a name': [(p) => (p.ops[1] = {}), /ops\[1\] op: got nothing/],
  'an unknown operation': [(p) => (p.ops[1] = { op: 'gelu' }), /ops\[1\] op: got "gelu", expected one of conv2d_f32, linear_f32/],
  'an operation of the prototype': [(p) => (p.ops[1] = { op: 'constructor' }), /ops\[1\] op: got "constructor"/],
  'an attribute that is an object': [(p) => (p.ops[3].size = [2]), /ops\[3\] max_pool2d: size: got \[2\], expected a string or a number/],
  'the same attribute twice': [(p) => (p.metadata.ops = '[{"op":"sign","op":"flatten"}]'), /got the key "op" twice/],
  'input that is no object': [(p) => (p.metadata.input = '3'), /model input: got 3, expected a JSON object/],
  'a height of 0': [(p) => (p.input.height = 0), /model input height: got 0, expected a whole number from 1 to 65535/],
  'a width of 2.5': [(p) => (p.input.width = 2.5), /model input width: got 2.5/],
  'channels as text': [(p) => (p.input.channels = '2'), /model input channels: got "2"/],
  'a mean of one number for two channels': [
    (p) => (p.input.mean = [0]),
    /model input mean: got \[0\], expected an array of 2 finite numbers/,
  ],
  'a mean of 1e999': [(p) => (p.metadata.input = JSON.stringify(p.input).replace(/"mean":\[[^,]*/, '"mean":[1e999')), /model input mean/],
  'a std of 0': [(p) => (p.input.std = [1, 0]), /model input std: got \[1,0\], expected numbers above 0/],
  'an unknown input type': [(p) => (p.input.type = 'u16'), /model input type: got "u16"/],
  'labels that are numbers': [(p) => (p.labels = [1, 2]), /model labels: got \[1,2\], expected an array of one or more strings/],
  'no labels': [(p) => (p.labels = []), /model labels: got \[\]/],
  'more labels than logits': [(p) => (p.labels = ['a', 'b', 'c']), /model output: got f32 \[1, 1, 2\], expected f32 \[1, 1, 3\]/],
  'logits that are integers': [(p) => p.ops.splice(7), /model output: got int16 \[1, 1, 4\]/],
  'logits that are a map': [(p) => p.ops.splice(1), /model output: got f32 \[6, 6, 3\]/],
  'an unused tensor': [
    (p) => p.tensors.set('extra', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }),
    /tensor "extra": got a tensor that no operation uses/,
  ],
  'an unknown attribute': [(p) => (p.ops[3].dilation = 1), /ops\[3\] max_pool2d: attribute: got "dilation", expected size, stride/],
  'an attribute of an operation that has none': [(p) => (p.ops[1].scale = 1), /ops\[1\] sign: attribute: got "scale", expected none/],
  'a missing attribute': [(p) => delete p.ops[0].stride, /ops\[0\] conv2d_f32: stride: got nothing, expected a whole number from 1 to 255/],
  'a stride of 0': [(p) => (p.ops[2].stride = 0), /ops\[2\] conv2d_b1b1: stride: got 0/],
  'a negative padding': [(p) => (p.ops[0].padding = -1), /padding: got -1/],
  'a padding of 1.5': [(p) => (p.ops[2].padding = 1.5), /padding: got 1.5/],
  'a pool larger than its input': [(p) => (p.ops[3].size = 7), /ops\[3\] max_pool2d: size: got 7, expected at most the input, 6x6/],
  'a kernel larger than its input': [
    (p) => set(p, 2, [10, 9, 3, 1]),
    /ops\[2\] conv2d_b1b1: kernel: got 9x3, expected at most the padded input, 8x8/,
  ],
  'a kernel of 256': [(p) => set(p, 0, [3, 256, 1, 2]), /kernel: got 256x1, expected sides of at most 255/],
  'a weight that is a number': [(p) => (p.ops[0].weight = 7), /weight: got 7, expected the name of a tensor/],
  'a weight that is missing': [
    (p) => (p.ops[0].weight = '__proto__'),
    /weight: got "__proto__", expected the name of a tensor in this file/,
  ],
  'a weight of another dtype': [
    (p) => set(p, 0, [3, 3, 3, 2], new Int32Array(54)),
    /got I32 \[3, 3, 3, 2\], expected F32 \[cout, kh, kw, 2\]/,
  ],
  'a weight for other channels': [(p) => set(p, 0, [3, 3, 3, 1]), /got F32 \[3, 3, 3, 1\], expected F32 \[cout, kh, kw, 2\]/],
  'a weight of three dimensions': [(p) => set(p, 2, [10, 3, 3]), /got U8 \[10, 3, 3\], expected U8 \[cout, kh, kw, 1\]/],
  'a weight of no filters': [(p) => set(p, 2, [0, 3, 3, 1]), /got U8 \[0, 3, 3, 1\], expected U8 \[cout/],
  'a bias of another length': [(p) => set(p, 1, [4]), /bias "tensor 1": got F32 \[4\], expected F32 \[3\]/],
  'a weight of NaN': [(p) => (values(p, 0)[5] = NaN), /weight "tensor 0": value 5: got NaN, expected a finite number/],
  'an infinite bias': [(p) => (values(p, 10)[1] = Infinity), /ops\[9\] linear_f32: bias "tensor 10": value 1: got Infinity/],
  'spare bits that are 1': [(p) => (values(p, 2)[8] = 0b1000), /ops\[2\] conv2d_b1b1: spare bits of weight byte 8: got 8, expected 0/],
  'a cin that is not the input': [(p) => (p.ops[2].cin = 4), /ops\[2\] conv2d_b1b1: cin: got 4, expected 3, the channels of the input/],
  'features that are not the input': [(p) => (p.ops[6].cin = 91), /ops\[6\] linear_b1b1: cin: got 91, expected 90/],
  'a linear weight with taps': [(p) => set(p, 5, [4, 1, 2, 12]), /got U8 \[4, 1, 2, 12\], expected U8 \[cout, 1, 1, 12\]/],
  'a fan-in above 32,767': [
    (p) => {
      p.ops[2].padding = 255;
      set(p, 2, [1, 200, 200, 1]);
    },
    /fan-in kh \* kw \* cin: got 120000, expected at most 32767/,
  ],
  'a flip of 2': [(p) => (values(p, 4)[3] = 2), /ops\[4\] threshold: flip of channel 3: got 2, expected 0 or 1/],
  'thresholds of another length': [(p) => set(p, 3, [9]), /threshold "tensor 3": got I16 \[9\], expected I16 \[10\]/],
  'thresholds of floats': [(p) => set(p, 3, [10], new Float32Array(10)), /got F32 \[10\], expected I16 \[10\]/],
  'signs of integers': [(p) => (p.ops[4] = { op: 'sign' }), /ops\[4\] sign: input: got int16 \[3, 3, 10\], expected f32/],
  'a threshold of floats': [(p) => insert(p, 1, 'threshold'), /ops\[1\] threshold: input: got f32 \[6, 6, 3\], expected int16/],
  'a binary convolution of floats': [(p) => p.ops.splice(1, 1), /ops\[1\] conv2d_b1b1: input: got f32 \[6, 6, 3\], expected bits/],
  'a pool of bits': [(p) => p.ops.splice(2, 1), /ops\[2\] max_pool2d: input: got bits \[6, 6, 3\], expected int16 or f32/],
  'hardtanh of bits': [(p) => insert(p, 2, 'hardtanh'), /ops\[2\] hardtanh: input: got bits/],
  'a linear layer of a map': [(p) => p.ops.splice(5, 1), /ops\[5\] linear_b1b1: input: got bits \[3, 3, 10\], expected \[1, 1, features\]/],
  'a scale of another length': [(p) => set(p, 6, [1]), /scale "tensor 6": got F32 \[1\], expected F32 \[4\]/],
  'a slope of another length': [(p) => set(p, 8, [4, 1]), /slope "tensor 8": got F32 \[4, 1\], expected F32 \[4\]/],
};

describe('a corrupt model is refused', () => {
  it('the file that they are made of is good', () => {
    expect(readGraph(corrupt(() => {})).ops).toHaveLength(10);
  });

  it.each(Object.entries(CASES))('%s', (_, [change, message]) => {
    let error: unknown;
    try {
      readGraph(corrupt(change));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as BitgaussError).message).toMatch(message);
    expect((error as BitgaussError).code).toBe('format');
  });

  it('or loads, or throws nothing else, whatever byte of the header is changed', () => {
    const good = corrupt(() => {});
    const headerBytes = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const numbers = new TestRandom(2);
    for (let round = 0; round < 3000; round++) {
      const bytes = good.slice();
      bytes[numbers.integer(0, headerBytes - 1)] = numbers.pick([
        0, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5c, 0x5d, 0x65, 0x7b, 0x7d, 0xff,
      ]);
      try {
        readGraph(bytes);
      } catch (error) {
        if (!(error instanceof BitgaussError)) throw error;
      }
    }
  });
});
