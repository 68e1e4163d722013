/**
 * Writes safetensors: u64 header length, JSON header padded with spaces to 8 bytes, tensors one after the other.
 *
 * The same tensors in the same order give the same bytes.
 *
 * @module
 */

export interface WritableTensor {
  dtype: 'U8' | 'I16' | 'F32';
  shape: number[];
  data: Uint8Array | Int16Array | Float32Array;
}

export function writeSafetensors(tensors: ReadonlyMap<string, WritableTensor>, metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  // Wide elements first, so that every tensor is aligned to its element size.
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
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
