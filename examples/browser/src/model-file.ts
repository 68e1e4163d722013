// What a model file says of itself: a valid .safetensors file whose metadata describes input, classes and operations.
import { readSafetensors, type Safetensors } from 'bitgauss';

export interface ModelFile {
  input: { height: number; width: number; channels: number };
  labels: readonly string[];
  /** Bytes of 1-bit weights. */
  binaryBytes: number;
  /** Of the first layer; undefined where it is no convolution of grey or coloured pixels. */
  filters: Filters | undefined;
}

export interface Filters {
  count: number;
  side: number;
  channels: number;
  /** [count][side][side][channels] */
  values: ArrayLike<number>;
}

export function readModelFile(bytes: Uint8Array): ModelFile {
  const file = readSafetensors(bytes);
  const text = (key: string) => JSON.parse(file.metadata.get(key) ?? 'null');
  const ops: Op[] = text('ops');
  const binary = ops.filter(({ op }) => op.endsWith('_b1b1')).map(({ weight }) => file.tensors.get(weight ?? '')?.data.byteLength ?? 0);
  return {
    input: text('input'),
    labels: text('labels'),
    binaryBytes: binary.reduce((sum, bytes) => sum + bytes, 0),
    filters: readFilters(file, ops),
  };
}

interface Op {
  op: string;
  weight?: string;
  cin?: number;
}

function readFilters({ tensors }: Safetensors, ops: Op[]): Filters | undefined {
  const first = ops.find(({ weight }) => weight !== undefined);
  const weight = tensors.get(first?.weight ?? '');
  if (first === undefined || weight === undefined || !first.op.startsWith('conv2d')) return undefined;
  const [count, side, , last] = weight.shape;
  const channels = first.cin ?? last;
  if (channels !== 1 && channels !== 3) return undefined;
  const data = weight.data as Float32Array | Uint8Array;
  // 1-bit weights: a byte holds the channels of a position, bit 1 is -1.
  const sign = (i: number): number => 1 - 2 * ((data[Math.floor(i / channels)] >> (i % channels)) & 1);
  const values = weight.dtype === 'F32' ? data : Array.from({ length: data.length * channels }, (_, i) => sign(i));
  return { count, side, channels, values };
}
