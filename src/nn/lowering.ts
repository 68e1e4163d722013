/**
 * Collects the inference operations and tensors that a trained network lowers to.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';

/** An operation of the model file: its name and attributes; names of tensors are attributes. */
export interface LoweredOp {
  op: string;
  [attribute: string]: string | number;
}

export interface LoweredTensor {
  dtype: 'U8' | 'I16' | 'F32';
  shape: number[];
  data: Uint8Array | Int16Array | Float32Array;
}

export class Lowering {
  readonly ops: LoweredOp[] = [];
  readonly tensors: Map<string, LoweredTensor> = new Map();

  /** Adds a tensor and returns its name. */
  tensor(name: string, dtype: LoweredTensor['dtype'], shape: number[], data: LoweredTensor['data']): string {
    const bad = data.findIndex((value: number) => !Number.isFinite(value));
    if (bad !== -1)
      throw new BitgaussError('numeric', `${name}: value ${bad} is ${data[bad]}, expected finite numbers; this network cannot be exported`);
    this.tensors.set(name, { dtype, shape, data });
    return name;
  }

  op(op: string, attributes: Record<string, string | number | undefined> = {}): void {
    const lowered: LoweredOp = { op };
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) lowered[key] = value;
    this.ops.push(lowered);
  }

  /** Negates output channels of the packed weight that the last product added: its sums change sign. Spare bits stay 0. */
  negate(channels: readonly number[]): void {
    const product = this.ops.findLast(({ op }) => /_(b1|f32)b1$/.test(op));
    const weight = this.tensors.get(String(product?.weight));
    if (product === undefined || weight === undefined) throw new Error('negate: no binary product to negate');
    const cin = Number(product.cin);
    const rowBytes = weight.shape[3];
    const filterBytes = weight.data.length / weight.shape[0];
    const last = cin % 8 === 0 ? 0xff : (1 << (cin % 8)) - 1;
    for (const c of channels) {
      for (let i = c * filterBytes; i < (c + 1) * filterBytes; i++) weight.data[i] ^= i % rowBytes === rowBytes - 1 ? last : 0xff;
    }
  }
}
