/**
 * Reads the attributes and tensors of one operation of a model file. Every rule that is broken is a 'format' error with got and expected.
 *
 * @module
 */
import type { Dtype, DtypeArrays, Tensor } from '../format/dtypes.js';
import { formatError, formatFailure, wholeNumber } from '../format/format-error.js';
import type { HeaderOp } from '../format/model-header.js';
import { type Activation, describe, type Kind } from './activation.js';

/** A dimension that a tensor must have, or the name of one that it may choose (at least 1). */
export type Dimension = number | string;

export class OpReader {
  /** `ops[3] conv2d_b1b1`, for messages. */
  readonly where: string;
  /** Names of the tensors that were read. */
  readonly used: Set<string> = new Set();
  /** Bytes of these tensors. */
  bytes = 0;
  readonly #op: HeaderOp;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #read: Set<string> = new Set();

  constructor(where: string, op: HeaderOp, tensors: ReadonlyMap<string, Tensor>) {
    this.where = where;
    this.#op = op;
    this.#tensors = tensors;
  }

  /** The whole number `name` in [min, max]. */
  integer(name: string, min: number, max: number): number {
    return wholeNumber(`${this.where}: ${name}`, this.#attribute(name), min, max);
  }

  /** Whether the optional attribute `name` is there. */
  has(name: string): boolean {
    this.#read.add(name);
    return this.#op.attributes.has(name);
  }

  /** The tensor that attribute `name` names. F32 values are finite. */
  tensor<D extends Dtype>(name: string, dtype: D, shape: readonly Dimension[]): { data: DtypeArrays[D]; shape: readonly number[] } {
    const key = this.#attribute(name);
    const tensor = this.#tensors.get(key as string);
    if (tensor === undefined) throw formatError(`${this.where}: ${name}`, key, 'the name of a tensor in this file');
    const where = `${this.where}: ${name} ${JSON.stringify(key)}`;
    const fits =
      tensor.shape.length === shape.length && tensor.shape.every((n, i) => (typeof shape[i] === 'number' ? n === shape[i] : n >= 1));
    if (tensor.dtype !== dtype || !fits)
      throw formatFailure(where, `${tensor.dtype} [${tensor.shape.join(', ')}]`, `${dtype} [${shape.join(', ')}]`);
    if (tensor.data instanceof Float32Array && !tensor.data.every(Number.isFinite)) {
      const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
      throw formatError(`${where}: value ${bad}`, tensor.data[bad], 'a finite number');
    }
    this.used.add(key as string);
    this.bytes += tensor.data.byteLength;
    return { data: tensor.data as DtypeArrays[D], shape: tensor.shape };
  }

  /** Throws unless the input is of one of `kinds`. */
  requireKind(input: Activation, ...kinds: Kind[]): void {
    if (!kinds.includes(input.kind)) throw formatFailure(`${this.where}: input`, describe(input), kinds.join(' or '));
  }

  /** Throws unless the input is a vector, [1, 1, features]. */
  requireVector(input: Activation): void {
    if (input.height !== 1 || input.width !== 1)
      throw formatFailure(`${this.where}: input`, describe(input), '[1, 1, features]; flatten comes before');
  }

  /** Throws where the file says more than the operation has read. */
  finish(): void {
    for (const key of this.#op.attributes.keys())
      if (!this.#read.has(key)) throw formatFailure(`${this.where}: attribute`, JSON.stringify(key), [...this.#read].join(', ') || 'none');
  }

  #attribute(name: string): string | number | undefined {
    this.#read.add(name);
    return this.#op.attributes.get(name);
  }
}
