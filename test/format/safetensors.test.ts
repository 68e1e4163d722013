import { describe, expect, it } from 'vitest';
import { BitgaussError } from '../../src/core/errors.js';
import { readSafetensors } from '../../src/format/safetensors.js';
import { type WritableTensor, writeSafetensors } from '../../src/format/safetensors-write.js';

/** A file from a header text and data; `size` is what the file says of the length of its header. */
function file(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0), size?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, size ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const tensor = (fields: object, bytes: number = 4): Uint8Array =>
  file(JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } }), new Uint8Array(bytes));
const two = (a: [number, number], b: [number, number], bytes: number): Uint8Array =>
  file(
    JSON.stringify({
      a: { dtype: 'U8', shape: [a[1] - a[0]], data_offsets: a },
      b: { dtype: 'U8', shape: [b[1] - b[0]], data_offsets: b },
    }),
    new Uint8Array(bytes),
  );

const HOSTILE: Record<string, [Uint8Array, RegExp]> = {
  empty: [new Uint8Array(0), /got 0 bytes, expected a header length of 8 bytes/],
  'shorter than a header length': [new Uint8Array(7), /got 7 bytes, expected a header length/],
  'header longer than the file': [file('{}', undefined, 3n), /got 3 bytes, expected at most the 2 bytes that follow/],
  'header of 100 MB and one byte': [file('{}', undefined, 100_000_001n), /got 100000001 bytes, expected at most 100000000/],
  'header length of 2^64 - 1': [file('{}', undefined, 2n ** 64n - 1n), /got 18446744073709551615 bytes/],
  'header of no bytes': [file(''), /first byte missing, expected \{/],
  'header that is no JSON': [file('{"a":'), /got a text that is no JSON .*, expected JSON/],
  'header that begins with a space': [file(' {}'), /got first byte 32, expected \{/],
  'header that is an array': [file('[]'), /got first byte 91/],
  'header that is no UTF-8': [file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), /expected UTF-8/],
  'the same tensor twice': [
    file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061" :{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    /got the key "a" twice, expected each key once/,
  ],
  'the same field twice': [file('{"a":{"dtype":"U8","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), /got the key "dtype" twice/],
  'nested without end': [file(`{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`), /got more than 8 levels/],
  'metadata that is no object': [file('{"__metadata__":["a"]}'), /__metadata__: got \["a"\], expected a JSON object/],
  'metadata that is no string': [file('{"__metadata__":{"a":1}}'), /__metadata__ "a": got 1, expected a string/],
  'tensor that is no object': [file('{"a":7}'), /tensor "a": got 7, expected a JSON object/],
  'unknown field': [tensor({ stride: 1 }), /got "stride", expected dtype, shape and data_offsets only/],
  'unknown dtype': [tensor({ dtype: 'F8' }), /dtype: got "F8", expected one of U8, I8, I16, I32, U32, I64, F32, F64/],
  'dtype from the prototype': [tensor({ dtype: 'constructor' }), /dtype: got "constructor"/],
  'no dtype': [tensor({ dtype: undefined }), /dtype: got nothing/],
  'no shape': [tensor({ shape: undefined }), /shape: got nothing, expected an array of whole numbers/],
  'negative dimension': [tensor({ shape: [-1] }), /shape: got \[-1\], expected an array of whole numbers/],
  'fractional dimension': [tensor({ shape: [1.5] }), /shape: got \[1.5\]/],
  'dimension as text': [tensor({ shape: ['1'] }), /shape: got \["1"\]/],
  'dimension of 2^53': [tensor({ shape: [2 ** 53] }), /shape: got/],
  'shape overflow': [tensor({ shape: [2 ** 31, 2 ** 31, 4] }), /got \[2147483648,2147483648,4\], expected a product below 2\^53/],
  'shape overflow that ends in zero bytes': [tensor({ shape: [2 ** 50, 2 ** 50, 2 ** 50] }), /expected a product below 2\^53/],
  'no offsets': [tensor({ data_offsets: undefined }), /data_offsets: got nothing/],
  'three offsets': [tensor({ data_offsets: [0, 2, 4] }), /expected \[begin, end\] with begin <= end/],
  'end before begin': [tensor({ data_offsets: [4, 0] }), /expected \[begin, end\] with begin <= end/],
  'negative offset': [tensor({ data_offsets: [-4, 0] }), /data_offsets: got \[-4,0\]/],
  'size that does not fit the shape': [tensor({ shape: [2] }), /got 4 bytes, expected 8 bytes for F32 \[2\]/],
  'offset past end': [tensor({}, 3), /got end 4, expected at most the 3 bytes of data/],
  truncated: [tensor({ shape: [4], data_offsets: [0, 16] }, 12), /got end 16, expected at most the 12 bytes/],
  'trailing bytes': [tensor({}, 5), /got 1 bytes behind the last tensor, expected none/],
  overlap: [two([0, 4], [2, 6], 6), /tensor "b" data_offsets: got begin 2, overlapping the tensor before, expected begin 4/],
  'the same bytes twice': [two([0, 4], [0, 4], 4), /overlapping/],
  gap: [two([0, 2], [3, 6], 6), /tensor "b" data_offsets: got begin 3, after a gap, expected begin 2/],
  'gap at the start': [two([1, 2], [2, 6], 6), /tensor "a" data_offsets: got begin 1, after a gap, expected begin 0/],
};

describe('a hostile file is refused', () => {
  it.each(Object.entries(HOSTILE))('%s', (_, [bytes, message]) => {
    let error: unknown;
    try {
      readSafetensors(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as BitgaussError).code).toBe('format');
    expect((error as BitgaussError).message).toMatch(message);
  });

  it('whatever single byte is cut off', () => {
    const bytes = writeSafetensors(new Map([['a', { dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) }]]), { b: 'c' });
    for (let length = 0; length < bytes.length; length++) expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(BitgaussError);
  });

  it('or throws nothing else, whatever single byte is changed', () => {
    const bytes = writeSafetensors(new Map([['a', { dtype: 'I16', shape: [2], data: Int16Array.of(1, 2) }]]), { b: 'c' });
    for (let i = 0; i < bytes.length; i++)
      for (const value of [0, 0x22, 0x2d, 0x39, 0x5c, 0x7d, 0xff]) {
        const changed = bytes.slice();
        changed[i] = value;
        try {
          readSafetensors(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(BitgaussError);
        }
      }
  });
});

describe('a file that is written', () => {
  const tensors = new Map<string, WritableTensor>([
    ['__proto__', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ['7', { dtype: 'I8', shape: [1, 2], data: Int8Array.of(-128, 127) }],
    ['constructor', { dtype: 'I16', shape: [2], data: Int16Array.of(-32768, 32767) }],
    ['"quoted" \\ {ü}', { dtype: 'I32', shape: [1], data: Int32Array.of(-(2 ** 31)) }],
    ['u32', { dtype: 'U32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
    ['i64', { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }],
    ['f32', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(0.1, -0, NaN, Infinity) }],
    ['f64', { dtype: 'F64', shape: [], data: Float64Array.of(0.1) }],
    ['nothing', { dtype: 'F32', shape: [0, 5], data: new Float32Array(0) }],
  ]);
  const metadata = { format: 'x', text: '{"a":[1,"}"]}' };
  const bytes = writeSafetensors(tensors, metadata);

  it('reads back', () => {
    const read = readSafetensors(bytes);
    expect(Object.fromEntries(read.metadata)).toEqual(metadata);
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
  });

  it('pads its header with spaces to 8 bytes and aligns every tensor', () => {
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes));
    expect(header.trimEnd().endsWith('}')).toBe(true);
    const sizes: Record<string, number> = { U8: 1, I8: 1, I16: 2, I32: 4, U32: 4, I64: 8, F32: 4, F64: 8 };
    for (const [name, info] of Object.entries(JSON.parse(header) as Record<string, { dtype: string; data_offsets: number[] }>))
      if (name !== '__metadata__') expect(info.data_offsets[0] % sizes[info.dtype]).toBe(0);
  });

  it('has the same bytes in whatever order tensors come', () => {
    expect(writeSafetensors(new Map([...tensors].reverse()), metadata)).toEqual(bytes);
  });

  it('is a copy: changing the file later changes no tensor', () => {
    const file = bytes.slice();
    const { tensors: read } = readSafetensors(file);
    file.fill(0);
    expect([...(read.get('__proto__')!.data as Uint8Array)]).toEqual([1, 2, 3]);
  });

  it.each([
    ['the name of the metadata', '__metadata__', { dtype: 'U8', shape: [1], data: Uint8Array.of(1) }, /tensor name: got "__metadata__"/],
    ['an unknown dtype', 'a', { dtype: 'F16', shape: [1], data: Uint8Array.of(1) }, /dtype: got "F16"/],
    [
      'data of another dtype',
      'a',
      { dtype: 'F32', shape: [1], data: Uint8Array.of(1) },
      /data: got Uint8Array of 1 bytes, expected values of F32/,
    ],
    ['data of another length', 'a', { dtype: 'U8', shape: [2], data: Uint8Array.of(1) }, /shape: got \[2\], expected .* product is 1/],
  ])('cannot have %s', (_, name, value, message) => {
    expect(() => writeSafetensors(new Map([[name, value as WritableTensor]]), {})).toThrow(message);
  });
});
