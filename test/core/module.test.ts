// training.wasm from outside the package: the same bits in every form, on plain memory and on shared memory.
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { Runtime, type RuntimeOptions } from '../../src/core/runtime.js';
import { fit, ste, train } from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

vi.mock('#platform', async () => await import('../../src/platform/node.js'));

const wasm = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url)));
const training = wasm('training');
const data = fewDigits(256, 10);
const options = { model: tinyNet, data: { train: data.train }, method: ste(), epochs: 1, batchSize: 64 };

const isShared = ({ arena }: Runtime): boolean => arena.memory.buffer instanceof SharedArrayBuffer;

describe('module', async () => {
  const { model } = await fit({ ...options, threads: 1 });

  it.each<[string, () => RuntimeOptions['module'], boolean]>([
    ['a module, on shared memory', () => new WebAssembly.Module(training), true],
    ['bytes, on plain memory', () => training, false],
    ['a promise of a response', async () => new Response(training), false],
  ])('may be %s', async (_, module, shared) => {
    expect(isShared(await Runtime.create({ module: module() }))).toBe(shared);
    expect(Buffer.compare((await fit({ ...options, threads: 1, module: module() })).model, model)).toBe(0);
    expect(Buffer.compare((await fit({ ...options, threads: 2, module: module() })).model, model)).toBe(0);
    expect(training).toEqual(wasm('training')); // what was given is not changed
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a name',
      'training.wasm',
      /^module: got "training.wasm", expected bitgauss\/wasm\/training.wasm: a WebAssembly.Module, bytes, or a Response$/,
    ],
    [
      'the other binary',
      wasm('inference'),
      /^module: got a binary that does not import shared memory .*, expected bitgauss\/wasm\/training.wasm$/,
    ],
    ['another module', new WebAssembly.Module(wasm('inference')), /^module: got another binary, expected bitgauss\/wasm\/training.wasm/],
  ])('is not %s', async (_, module, message) => {
    const run = train({ ...options, threads: 1, module: module as never })[Symbol.asyncIterator]();
    await expect(run.next()).rejects.toMatchObject({ code: 'argument', message: expect.stringMatching(message) });
  });

  it('needs shared memory where it is compiled, and says so', async () => {
    const { Memory } = WebAssembly;
    vi.stubGlobal('WebAssembly', {
      ...Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name as keyof typeof WebAssembly]])),
      Memory: class extends Memory {
        constructor(descriptor: WebAssembly.MemoryDescriptor) {
          if (descriptor.shared) throw new TypeError('no');
          super(descriptor);
        }
      },
    });
    await expect(Runtime.create({ module: new WebAssembly.Module(training) })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /^memory: the host refused .*\(no\); without shared memory, pass the bytes of bitgauss\/wasm\/training.wasm/,
      ),
    });
    vi.unstubAllGlobals();
  });
});
