/**
 * Reads safetensors: u64 header length, JSON header, tensors one after the other. The reader trusts nothing:
 *
 * - the header begins with `{`, fits in the file, is UTF-8 and a JSON object that names each key once;
 * - `__metadata__` holds strings only;
 * - a tensor has a known dtype, a shape of whole numbers, offsets [begin, end) inside the data, and end - begin = its size;
 * - tensors cover the data without gap, overlap or rest.
 *
 * @module
 */
import { DTYPES, type Dtype, type Tensor } from './dtypes.js';
import { formatError, formatFailure } from './format-error.js';
import { jsonObject, parseJson } from './json.js';

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** As in the reference implementation: longer headers are hostile. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/** Tensors are copies: aligned, and independent of `bytes`. */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const headerBytes = readHeaderSize(bytes);
  const header = readHeader(bytes.subarray(8, 8 + headerBytes));
  const data = bytes.subarray(8 + headerBytes);
  const metadata = readMetadata(header.get('__metadata__'));
  header.delete('__metadata__');
  const entries = [...header].map(([name, value]) => readEntry(name, value));
  checkLayout(entries, data.length);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const copy = new Uint8Array(end - begin);
    copy.set(data.subarray(begin, end));
    tensors.set(name, { dtype, shape, data: new (DTYPES.get(dtype)!)(copy.buffer) });
  }
  return { metadata, tensors };
}

function readHeaderSize(bytes: Uint8Array): number {
  if (bytes.length < 8) throw formatFailure('safetensors', `${bytes.length} bytes`, 'a header length of 8 bytes');
  const size = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (size > BigInt(MAX_HEADER_BYTES)) throw formatFailure('safetensors header', `${size} bytes`, `at most ${MAX_HEADER_BYTES} bytes`);
  if (size > BigInt(bytes.length - 8))
    throw formatFailure('safetensors header', `${size} bytes`, `at most the ${bytes.length - 8} bytes that follow its length`);
  return Number(size);
}

function readHeader(bytes: Uint8Array): Map<string, unknown> {
  if (bytes[0] !== 0x7b) throw formatFailure('safetensors header', `first byte ${bytes[0] ?? 'missing'}`, '{');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw formatFailure('safetensors header', 'bytes that are no text', 'UTF-8');
  }
  return jsonObject('safetensors header', parseJson('safetensors header', text));
}

function readMetadata(value: unknown): Map<string, string> {
  const metadata = value === undefined ? new Map<string, unknown>() : jsonObject('__metadata__', value);
  for (const [key, text] of metadata)
    if (typeof text !== 'string') throw formatError(`__metadata__ ${JSON.stringify(key)}`, text, 'a string');
  return metadata as Map<string, string>;
}

function readEntry(name: string, value: unknown): Entry {
  const where = `tensor ${JSON.stringify(name)}`;
  const fields = jsonObject(where, value);
  for (const key of fields.keys())
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') throw formatError(where, key, 'dtype, shape and data_offsets only');
  const dtype = fields.get('dtype');
  const type = typeof dtype === 'string' ? DTYPES.get(dtype) : undefined;
  if (type === undefined) throw formatError(`${where} dtype`, dtype, `one of ${[...DTYPES.keys()].join(', ')}`);
  const shape = wholeNumbers(`${where} shape`, fields.get('shape'));
  const size = shape.reduce((product, n) => product * n, type.BYTES_PER_ELEMENT);
  if (!Number.isSafeInteger(size)) throw formatError(`${where} shape`, shape, 'a product below 2^53');
  const offsets = wholeNumbers(`${where} data_offsets`, fields.get('data_offsets'));
  if (offsets.length !== 2 || offsets[0] > offsets[1])
    throw formatError(`${where} data_offsets`, offsets, '[begin, end] with begin <= end');
  const [begin, end] = offsets;
  if (end - begin !== size)
    throw formatFailure(`${where} data_offsets`, `${end - begin} bytes`, `${size} bytes for ${dtype} [${shape.join(', ')}]`);
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function wholeNumbers(where: string, value: unknown): number[] {
  if (!Array.isArray(value) || !value.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw formatError(where, value, 'an array of whole numbers from 0 to 2^53 - 1');
  return value;
}

/** The tensors, in order of their offsets, cover [0, size) exactly. */
function checkLayout(entries: readonly Entry[], size: number): void {
  let next = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const where = `tensor ${JSON.stringify(name)} data_offsets`;
    if (begin < next) throw formatFailure(where, `begin ${begin}, overlapping the tensor before`, `begin ${next}`);
    if (begin > next) throw formatFailure(where, `begin ${begin}, after a gap`, `begin ${next}`);
    if (end > size) throw formatFailure(where, `end ${end}`, `at most the ${size} bytes of data in the file`);
    next = end;
  }
  if (next !== size) throw formatFailure('safetensors data', `${size - next} bytes behind the last tensor`, 'none');
}
