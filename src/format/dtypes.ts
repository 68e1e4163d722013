/**
 * Element types of safetensors files that bitgauss reads and writes. Values are little-endian, as wasm memory and every host it runs on.
 *
 * @module
 */
export interface DtypeArrays {
  U8: Uint8Array;
  I8: Int8Array;
  I16: Int16Array;
  I32: Int32Array;
  U32: Uint32Array;
  I64: BigInt64Array;
  F32: Float32Array;
  F64: Float64Array;
}

export type Dtype = keyof DtypeArrays;

/** The typed array of a dtype. */
export type DtypeArray = DtypeArrays[Dtype];

interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): A;
}

export const DTYPES: ReadonlyMap<string, ArrayType<DtypeArray>> = new Map<Dtype, ArrayType<DtypeArray>>([
  ['U8', Uint8Array],
  ['I8', Int8Array],
  ['I16', Int16Array],
  ['I32', Int32Array],
  ['U32', Uint32Array],
  ['I64', BigInt64Array],
  ['F32', Float32Array],
  ['F64', Float64Array],
]);

/** A tensor of a file: `data` holds the product of `shape` values, last dimension innermost. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: DtypeArray;
}
