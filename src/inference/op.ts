/**
 * The contract of an operation: `prepare` checks what the file says against the input and returns shapes, constants and `run`.
 *
 * @module
 */
import type { DtypeArray } from '../format/dtypes.js';
import type { Activation, Kind } from './activation.js';
import type { BinaryConv, BinaryKernel } from './binary-kernels.js';
import type { OpReader } from './op-reader.js';

/** Runs kernel `name` over its work items [0, items). Parameters: pointers, then sizes, as its assembly file says. */
export type RunKernel = (name: string, items: number, ...parameters: number[]) => void;

/** Addresses for one call: x and y at position 0 of channel 0; constants in the order of `PreparedOp.constants`. */
export interface Addresses {
  readonly x: number;
  readonly y: number;
  readonly constants: readonly number[];
  readonly workspace: number;
}

export interface PreparedOp {
  readonly output: Activation;
  /** Multiply-accumulates of one image, padding counted. */
  readonly macs: number;
  /** What the kernel reads, in the kernel's order; copied into memory at load. */
  readonly constants: readonly DtypeArray[];
  /** Memory that only this operation uses while it runs. */
  readonly workspaceBytes: number;
  /** Whether y may be x: the same layout, value by value. */
  readonly inPlace?: boolean;
  /** Of a binary product. */
  readonly kernel?: BinaryKernel;
  /** Of a binary convolution, which may have another kernel. */
  readonly conv?: BinaryConv;
  run(kernel: RunKernel, at: Addresses): void;
}

/** `kernel`: for binary convolutions. */
export type PrepareOp = (op: OpReader, input: Activation, kernel: BinaryKernel) => PreparedOp;

/** Kernels are named after the types of their operands. */
export const KERNEL_TYPE: Readonly<Record<Kind, string>> = { f32: 'f32', int16: 'i16', bits: 'i8' };

/** Work items of kernels that go by 64 channels or features. */
export function blocksOf64(n: number): number {
  return Math.ceil(n / 64);
}
