// Ensembles made from model files: members are the file with some weights flipped and what batch norm makes of it changed.
import { exportEnsemble } from '../../src/export/export-ensemble.js';
import { writeModel } from '../../src/format/model-write.js';
import type { LoweredTensor } from '../../src/nn/lowering.js';
import type { ModelFile } from './model-file.js';
import type { TestRandom } from './random.js';

export interface Network {
  ops: ModelFile['model']['ops'];
  tensors: Map<string, LoweredTensor>;
}

export function networkOf(file: ModelFile): Network {
  return { ops: file.model.ops, tensors: file.tensors as Map<string, LoweredTensor> };
}

/** Flips each weight with probability `rate`; changes thresholds, flips and scales a little where `norms`. */
export function sample({ ops, tensors }: Network, numbers: TestRandom, rate: number, norms: boolean = true): Network {
  const own = new Map([...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data: data.slice() }]));
  const data = (name: string | number): LoweredTensor['data'] => own.get(String(name))!.data;
  for (const op of ops) {
    if (op.op === 'conv2d_b1b1' || op.op === 'linear_b1b1') {
      const weight = data(op.weight);
      const cin = Number(op.cin);
      const rowBytes = Math.ceil(cin / 8);
      for (let row = 0; row < weight.length / rowBytes; row++)
        for (let i = 0; i < cin; i++) if (numbers.uniform() < rate) weight[row * rowBytes + (i >> 3)] ^= 1 << (i & 7);
    }
    if (!norms) continue;
    if (op.op === 'threshold') {
      data(op.threshold)[0] += 1;
      data(op.flip)[1] ^= 1;
    }
    if (op.op === 'affine') for (const name of [op.scale, op.shift]) data(name)[0] += 0.25;
  }
  return { ops, tensors: own };
}

const inputOf = (file: ModelFile): Parameters<typeof exportEnsemble>[2] => {
  const { height, width, channels, mean, std, type } = file.model.input;
  return { shape: { height, width, channels }, mean, std, type, labels: labelsOf(file) };
};

const labelsOf = (file: ModelFile): string[] => Array.from({ length: file.channels }, (_, i) => String(i));

/** One file for all. */
export function ensembleBytes(file: ModelFile, members: Network[]): Uint8Array<ArrayBuffer> {
  return exportEnsemble(networkOf(file), members, inputOf(file));
}

/** A file for one. */
export function singleBytes(file: ModelFile, { ops, tensors }: Network): Uint8Array<ArrayBuffer> {
  return writeModel({ ...file.model, labels: labelsOf(file), ops }, tensors);
}
