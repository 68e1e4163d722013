/**
 * Writes safetensors: u64 header length, JSON header padded with spaces to 8 bytes, tensors one after the other.
 *
 * The same tensors give the same bytes, in whatever order they come: wide elements first, so that every tensor is aligned to its
 * element size, then by name.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { DTYPES, type Dtype, type DtypeArray } from './dtypes.js';

export interface WritableTensor {
  dtype: Dtype;
  shape: number[];
  data: DtypeArray;
}

/** Metadata keeps its order. Throws where data do not fit dtype and shape. */
export function writeSafetensors(tensors: ReadonlyMap<string, WritableTensor>, metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  for (const [name, tensor] of tensors) check(name, tensor);
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  );
  // Entries as text: an object would treat a tensor named __proto__ or 7 in its own way.
  const entries = [`"__metadata__":${JSON.stringify(metadata)}`];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + data.byteLength] })}`);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes).set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function check(name: string, { dtype, shape, data }: WritableTensor): void {
  const where = `tensor ${JSON.stringify(name)}`;
  const type = DTYPES.get(dtype);
  if (name === '__metadata__') throw argumentError('tensor name', name, 'any other name');
  if (type === undefined) throw argumentError(`${where} dtype`, dtype, `one of ${[...DTYPES.keys()].join(', ')}`);
  if (!(data instanceof type)) throw argumentError(`${where} data`, data, `values of ${dtype}`);
  const length = shape.reduce((product, n) => product * n, 1);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || length !== data.length)
    throw argumentError(`${where} shape`, shape, `whole numbers whose product is ${data.length}, the length of the data`);
}
