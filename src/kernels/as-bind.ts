/**
 * The embedded kernels.wasm through as-bind, which wraps every exported function by the types that the binary lists.
 *
 * as-bind 0.8.2 knows the memory layout of AssemblyScript 0.19. What differs since 0.20, class ids and their table, it reaches through converters only,
 * which may be replaced: here are those of typed arrays. docs/decisions/as-bind.md has the reasons.
 *
 * @module
 */
import { type AsBindInstance, converters, instantiateSync } from 'as-bind/dist/as-bind.esm.js';
import embedded from '#wasm/kernels';
import { decodeText } from '../wasm/text.js';
import { ARRAY_TYPES, type KernelInstance, type Result, TYPED_ARRAY } from './instance.js';

interface Exports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  __new(bytes: number, id: number): number;
  __collect(): void;
}

/** Class id of ArrayBuffer. */
const ARRAY_BUFFER = 1;
/** A typed array: addresses of its buffer and of its first element, and its length in bytes. */
const HEADER_BYTES = 12;

const exportsOf = (bound: AsBindInstance): Exports => bound.loadedModule.instance.exports as Exports;

/** Addresses above 2 GiB come as negative numbers. Nothing is freed before `__collect`, so nothing needs to be pinned on the way. */
function copyIn(bound: AsBindInstance, values: Result, type: string): number {
  const { memory, __new } = exportsOf(bound);
  const buffer = __new(values.byteLength, ARRAY_BUFFER) >>> 0;
  const array = __new(HEADER_BYTES, bound.getTypeId(type)) >>> 0;
  new Uint32Array(memory.buffer, array, 3).set([buffer, buffer, values.byteLength]);
  new ARRAY_TYPES[type.slice(TYPED_ARRAY.length)](memory.buffer, buffer, values.length).set(values);
  return array;
}

function copyOut(bound: AsBindInstance, array: number, type: string): Result {
  const { buffer } = exportsOf(bound).memory;
  const [, start, bytes] = new Uint32Array(buffer, array >>> 0, 3);
  const Type = ARRAY_TYPES[type.slice(TYPED_ARRAY.length)];
  return new Type(buffer, start, bytes / Type.BYTES_PER_ELEMENT).slice();
}

/** A new instance with a memory of its own. */
export function instantiateEmbedded(): KernelInstance {
  for (const name of Object.keys(ARRAY_TYPES)) converters.set(TYPED_ARRAY + name, { jsToAsc: copyIn, ascToJs: copyOut });
  const bound = instantiateSync(decodeText(embedded), {});
  const { memory, __collect } = exportsOf(bound);
  return { functions: bound.exports as KernelInstance['functions'], collect: __collect, memoryBytes: () => memory.buffer.byteLength };
}
