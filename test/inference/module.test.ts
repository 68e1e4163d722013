// inference.wasm from outside the package, in every form that is taken, at once and not; and what is said about anything else.
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { type LoadOptions, type LoadSyncOptions, loadModel, loadModelSync } from '../../src/index.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';

const file = new ModelFile(new TestRandom(1), [6, 6, 1]).conv2dF32(70, 3, 1, 1, true).sign().conv2dB1b1(9, 3, 1, 0).flatten().affine();
const bytes = file.bytes();
const image = Uint8Array.from({ length: 36 }, (_, i) => 7 * i);
const logits = file.evaluate(file.normalise(image)).at(-1);

const wasm = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url)));
const inference = wasm('inference');
const module = new WebAssembly.Module(inference);

function shifted(): DataView {
  const buffer = new ArrayBuffer(inference.length + 8);
  new Uint8Array(buffer, 3).set(inference);
  return new DataView(buffer, 3, inference.length);
}

const AT_HAND: Record<string, () => LoadSyncOptions['module']> = {
  nothing: () => undefined,
  'a module': () => module,
  'a Uint8Array': () => inference,
  'an ArrayBuffer': () => inference.slice().buffer,
  'a view of a part': shifted,
};
const ELSEWHERE: Record<string, () => LoadOptions['module']> = {
  'a response': () => new Response(inference, { headers: { 'content-type': 'text/plain' } }),
  'a promise of a response': async () => new Response(inference),
  'a promise of a module': () => WebAssembly.compile(inference),
};

describe('module', () => {
  it.each(Object.entries({ ...AT_HAND, ...ELSEWHERE }))('may be %s', async (_, source) => {
    expect([...(await loadModel(bytes, { module: source() })).predict(image).logits]).toEqual(logits);
  });

  it.each(Object.entries(AT_HAND))('may be %s, at once', (_, source) => {
    for (const kernels of ['lookup', 'auto'] as const)
      expect([...loadModelSync(bytes, { module: source(), kernels }).predict(image).logits]).toEqual(logits);
  });

  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  it.each<[string, unknown, string, RegExp]>([
    [
      'a name',
      'inference.wasm',
      'argument',
      /^module: got "inference.wasm", expected bitgauss\/wasm\/inference.wasm: a WebAssembly.Module, bytes, or a Response$/,
    ],
    ['null', null, 'argument', /^module: got null, expected bitgauss\/wasm\/inference.wasm/],
    [
      'a page',
      new TextEncoder().encode('<!doctype html>'),
      'unsupported',
      /^module: this host did not compile it \(.*magic.*\), expected bitgauss\/wasm\/inference.wasm, which needs WebAssembly SIMD$/,
    ],
    ['the other binary', wasm('training'), 'argument', /^module: got another binary, expected bitgauss\/wasm\/inference.wasm/],
    ['any module', empty, 'argument', /^module: got another binary, expected bitgauss\/wasm\/inference.wasm/],
  ])('is not %s', async (_, source, code, message) => {
    const error = { code, message: expect.stringMatching(message) };
    await expect(loadModel(bytes, { module: source as never })).rejects.toMatchObject(error);
    expect(() => loadModelSync(bytes, { module: source as never })).toThrow(expect.objectContaining(error));
  });

  it('is no response of failure, and no promise of nothing', async () => {
    const missing = async (): Promise<Response> => new Response('<!doctype html>', { status: 404 });
    await expect(loadModel(bytes, { module: missing() })).rejects.toThrow('module: got a response of status 404, expected one with wasm');
    await expect(loadModel(bytes, { module: Promise.resolve(undefined) as never })).rejects.toThrow(/^module: got undefined, expected/);
  });

  it('is no response where the model is wanted at once', () => {
    expect(() => loadModelSync(bytes, { module: new Response(inference) as never })).toThrow(/^module: got Response, expected .*bytes/);
  });
});

describe('the embedded module', () => {
  it('needs nothing of the host but WebAssembly', async () => {
    for (const name of ['process', 'atob', 'fetch', 'Response', 'Blob', 'DecompressionStream']) vi.stubGlobal(name, undefined);
    vi.resetModules();
    const fresh: typeof import('../../src/index.js') = await import('../../src/index.js');
    expect([...fresh.loadModelSync(bytes).predict(image).logits]).toEqual(logits);
    vi.unstubAllGlobals();
  });
});
