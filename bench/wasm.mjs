// A kernel binary with its memory, for benchmarks: a bump allocator and typed views.
import { readFileSync } from 'node:fs';

export async function load(name) {
  // The training binary imports shared memory.
  const memory = new WebAssembly.Memory(name === 'training' ? { initial: 16, maximum: 65536, shared: true } : { initial: 16 });
  const kernels = {};
  // With the training binary, the kernels that some methods and layers add to it.
  for (const binary of name === 'training' ? ['training', 'methods'] : [name]) {
    const bytes = readFileSync(new URL(`../dist/wasm/${binary}.wasm`, import.meta.url));
    Object.assign(kernels, (await WebAssembly.instantiate(bytes, { env: { memory } })).instance.exports);
  }
  let next = 65536;
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  const allocate = (size) => {
    const pointer = next;
    next += Math.ceil(size / 64) * 64;
    const missing = Math.ceil((next + 65536) / 65536) - memory.buffer.byteLength / 65536;
    if (missing > 0) memory.grow(missing);
    return pointer;
  };
  /** Memory filled by `value(index)`. */
  const fill = (Type, length, value) => {
    const pointer = allocate(length * Type.BYTES_PER_ELEMENT);
    const view = new Type(memory.buffer, pointer, length);
    for (let i = 0; i < length; i++) view[i] = value(i);
    return pointer;
  };
  return {
    kernels,
    allocate,
    fill,
    reset: () => {
      next = 65536;
    },
    signs: (length) => fill(Int8Array, length, () => (random() & 0x10000 ? -1 : 1)),
    words: (bytes) => fill(Uint32Array, Math.ceil(bytes / 4), () => random() ^ (random() >>> 16)),
    reals: (length) => fill(Float32Array, length, () => random() / 2 ** 32 - 0.5),
  };
}
