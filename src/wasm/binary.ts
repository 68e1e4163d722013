/**
 * Where wasm comes from: the binaries that the package brings along, or what its user hands over.
 *
 * @module
 */
import { argumentError, BitgaussError } from '../core/errors.js';

/**
 * What `#wasm/*` gives: a text, because that is the one form that every bundler and host takes (`text.ts`, or for training base64 of raw deflate); or a
 * module, in builds for hosts that compile ahead of time.
 */
export type EmbeddedBinary = string | WebAssembly.Module;

/** Wasm that is at hand: a compiled module, or bytes. */
export type ModuleBytes = WebAssembly.Module | BufferSource;

/** Wasm from elsewhere: a compiled module, its bytes, or a response with them. */
export type ModuleSource = ModuleBytes | Response;

/** By its tag, so that objects of another realm count, too. */
function isA(type: string, value: unknown): boolean {
  return Object.prototype.toString.call(value) === `[object ${type}]`;
}

export function isModule(value: unknown): value is WebAssembly.Module {
  return isA('WebAssembly.Module', value);
}

/** The wasm bytes behind base64 of raw deflate. */
export async function inflateBinary(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Response(packed).body?.pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What a response holds; anything else as it is. */
export async function download(source: ModuleSource | PromiseLike<ModuleSource>): Promise<ModuleBytes> {
  const given = await source;
  if (typeof (given as Response)?.arrayBuffer !== 'function') return given as ModuleBytes;
  const response = given as Response;
  if (!response.ok) throw new BitgaussError('argument', `module: got a response of status ${response.status}, expected one with wasm`);
  return response.arrayBuffer();
}

/** Bytes, not copied; `expected` is what an error says of anything else. */
export function requireBytes(name: string, value: unknown, expected: string): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  if (isA('ArrayBuffer', value)) return new Uint8Array(value as ArrayBuffer);
  throw argumentError(name, value, expected);
}

/** The same for bytes of a binary of the package. */
export function requireWasm(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  return requireBytes('module', value, `bitgauss/wasm/${name}.wasm: a WebAssembly.Module, bytes, or a Response`);
}

/** The error for bytes that a host did not compile. */
export function compileError(name: string, cause: unknown): BitgaussError {
  const { message } = cause as Error;
  return new BitgaussError(
    'unsupported',
    `module: this host did not compile it (${message}), expected bitgauss/wasm/${name}.wasm, which needs WebAssembly SIMD`,
    { cause },
  );
}

/** The module behind `source`, compiled at once: for small binaries. */
export function compileSync(name: string, source: ModuleBytes): WebAssembly.Module {
  if (isModule(source)) return source;
  const bytes = requireWasm(name, source);
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw compileError(name, cause);
  }
}
