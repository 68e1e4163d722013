/**
 * Embedded binaries: base64 of raw-deflated wasm, because an inline text is the one form that every bundler and host takes.
 *
 * @module
 */

/** The wasm bytes behind an embedded text. */
export async function decodeBinary(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const modules: Map<string, Promise<WebAssembly.Module>> = new Map();

/** The embedded module behind a text, compiled once; once more for each `change` of its bytes. */
export function embeddedModule(base64: string, change?: (bytes: Uint8Array) => void): Promise<WebAssembly.Module> {
  const key = `${change?.name ?? ''} ${base64}`;
  const known = modules.get(key);
  if (known !== undefined) return known;
  const module = decodeBinary(base64).then((bytes) => {
    change?.(bytes);
    return WebAssembly.compile(bytes);
  });
  modules.set(key, module);
  return module;
}
