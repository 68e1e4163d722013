// A model file by the definitions in test/oracle, operation by operation; f32 operations round every product and sum, as the runtime does.
import { readSafetensors } from '../../src/format/safetensors.js';
import { affine, hardtanh, prelu, quantize, sign, threshold } from '../oracle/elementwise.js';
import { conv2d, outputSize } from '../oracle/inference-conv2d.js';
import { linear } from '../oracle/linear.js';
import { maxPool2d } from '../oracle/max-pool2d.js';
import { unpackSigns } from './pack-signs.js';

interface Op {
  op: string;
  stride: number;
  padding: number;
  size: number;
  [tensor: string]: unknown;
}
interface Value {
  x: number[];
  shape: [number, number, number];
}

/** The logits of a file with one network for an image, u8 [H, W, C]. */
export function evaluateFile(file: Uint8Array, image: ArrayLike<number>): number[] {
  const { metadata, tensors } = readSafetensors(file);
  const { height, width, channels, mean, std } = JSON.parse(metadata.get('input')!);
  const tensor = (op: Op, name: string): { shape: readonly number[]; data: ArrayLike<number> } | undefined =>
    tensors.get(op[name] as string) as never;
  const data = (op: Op, name: string): ArrayLike<number> => tensor(op, name)!.data;

  const product = (op: Op, { x, shape: [h, w, cin] }: Value, binary: boolean): Value => {
    const { shape, data: stored } = tensor(op, 'weight')!;
    const weight = binary ? unpackSigns(stored, cin) : stored;
    const round = op.op.endsWith('b1b1') ? undefined : Math.fround;
    const bias = tensor(op, 'bias')?.data;
    const [cout, kernelHeight, kernelWidth] = shape;
    if (op.op.startsWith('linear')) return { x: linear(x, weight, cout, round, bias), shape: [1, 1, cout] };
    const sizes = { height: h, width: w, cin, cout, kernelHeight, kernelWidth, stride: op.stride, padding: op.padding };
    return { x: conv2d(x, weight, sizes, round, bias), shape: [...outputSize(sizes), cout] };
  };
  const pool = ({ size, stride }: Op, { x, shape: [h, w, c] }: Value): Value => {
    const reduced = (n: number): number => Math.floor((n - size) / stride) + 1;
    return { x: maxPool2d(x, h, w, c, size, stride), shape: [reduced(h), reduced(w), c] };
  };
  const DEFINITIONS: Record<string, (op: Op, value: Value) => Value> = {
    conv2d_f32: (op, value) => product(op, value, false),
    linear_f32: (op, value) => product(op, value, false),
    conv2d_f32b1: (op, value) => product(op, value, true),
    linear_f32b1: (op, value) => product(op, value, true),
    conv2d_b1b1: (op, value) => product(op, value, true),
    linear_b1b1: (op, value) => product(op, value, true),
    max_pool2d: pool,
    affine: (op, { x, shape }) => ({ x: affine(x, data(op, 'scale'), data(op, 'shift')), shape }),
    prelu: (op, { x, shape }) => ({ x: prelu(x, data(op, 'slope')), shape }),
    hardtanh: (_, { x, shape }) => ({ x: hardtanh(x), shape }),
    quantize: (op, { x, shape }) => ({ x: quantize(x, op.levels as number), shape }),
    sign: (_, { x, shape }) => ({ x: sign(x), shape }),
    threshold: (op, { x, shape }) => ({ x: threshold(x, data(op, 'threshold'), data(op, 'flip')), shape }),
    flatten: (_, { x, shape: [h, w, c] }) => ({ x, shape: [1, 1, h * w * c] }),
  };

  const normalised = Array.from(image, (value, i) => Math.fround((value / 255 - mean[i % channels]) / std[i % channels]));
  let value: Value = { x: normalised, shape: [height, width, channels] };
  for (const op of JSON.parse(metadata.get('ops')!) as Op[]) value = DEFINITIONS[op.op](op, value);
  return value.x;
}
