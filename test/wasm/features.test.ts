import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { features } from '../../src/index.js';
import { platform } from '../../src/platform/web.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('features', () => {
  it('says what a whole binary that uses the feature says', async () => {
    const { binary, error, stderr } = (await asc.compileString('export function f(a: v128): v128 { return i8x16.relaxed_swizzle(a, a); }', {
      enable: ['simd', 'relaxed-simd'],
      optimizeLevel: 0,
    })) as unknown as { binary: Uint8Array<ArrayBuffer>; error: Error | null; stderr: unknown };
    expect(error, String(stderr)).toBeNull();
    const training = readFileSync(new URL('../../dist/wasm/training.wasm', import.meta.url));
    expect(features()).toEqual({ simd: WebAssembly.validate(training), relaxedSimd: WebAssembly.validate(binary), threads: true });
  });

  it.each([
    ['this host has no Worker', { Worker: undefined }],
    [
      'the page is not cross-origin isolated (COOP and COEP headers)',
      { Worker: class {}, crossOriginIsolated: false, SharedArrayBuffer: undefined },
    ],
    ['this host has no SharedArrayBuffer', { Worker: class {}, SharedArrayBuffer: undefined }],
    ['the thread of a page may not wait; train in a worker of it', { Worker: class {}, crossOriginIsolated: true, document: {} }],
    [undefined, { Worker: class {}, crossOriginIsolated: true, navigator: { hardwareConcurrency: 2 } }],
  ])('where Node has no part in it: %s, as training says', (threadsReason, globals) => {
    vi.stubGlobal('process', undefined);
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    expect(features()).toMatchObject({ threads: threadsReason === undefined, ...(threadsReason && { threadsReason }) });
    expect(platform.threads().reason).toBe(threadsReason);
  });

  it('asks for each feature by itself', () => {
    vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => !(bytes as Uint8Array).includes(254)); // the prefix of atomics
    expect(features()).toMatchObject({ simd: true, threads: false, threadsReason: 'this host has no WebAssembly threads' });
    vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => !(bytes as Uint8Array).includes(253)); // the prefix of vectors
    expect(features()).toEqual({ simd: false, relaxedSimd: false, threads: true });
  });
});
