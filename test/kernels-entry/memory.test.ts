// What calls leave behind in WebAssembly memory: nothing.
import { describe, expect, it } from 'vitest';
import { instantiateEmbedded } from '../../src/kernels/as-bind.js';
import type { KernelInstance } from '../../src/kernels/instance.js';
import { createKernels, type KernelFunctions } from '../../src/kernels/kernel-functions.js';
import { BINDINGS } from '../helpers/kernel-bindings.js';
import { TestRandom } from '../helpers/random.js';

/** One call of everything, with arrays of sizes that change from call to call. */
function callAll(kernels: KernelFunctions, random: TestRandom): void {
  const rows = random.integer(1, 40);
  const codes = new Uint8Array(rows * 8);
  const query = new Uint8Array(8);
  kernels.packSigns(new Float32Array(rows * 10), 10);
  kernels.xnorGemm(codes, codes, 64);
  kernels.xnorConv2d(new Uint8Array(5 * 5 * 3), new Uint8Array(rows * 9 * 3), { height: 5, width: 5, channels: 20, kernelSize: 3 });
  kernels.hammingDistances(codes, query, 64);
  kernels.hammingTopK(codes, query, 5, 64);
  kernels.sampleGaussian({
    mean: new Float32Array(rows),
    factor: new Float32Array(2 * rows),
    diagonal: new Float32Array(rows),
    samples: 3,
  });
}

describe.each(BINDINGS)('over %s', (_, instantiate) => {
  it('10,000 rounds of all functions: memory is what it was after the first 100', () => {
    let instance: KernelInstance | undefined;
    const kernels = createKernels(() => {
      instance = instantiate();
      return instance;
    });
    const random = new TestRandom(1);
    for (let round = 0; round < 100; round++) callAll(kernels, random);
    const bytes = instance?.memoryBytes();
    expect(bytes).toBeLessThanOrEqual(2 * 65536);
    for (let round = 0; round < 10000; round++) callAll(kernels, random);
    expect(instance?.memoryBytes()).toBe(bytes);
  });

  it('large calls reuse the memory of the largest one', () => {
    let instance: KernelInstance | undefined;
    const kernels = createKernels(() => {
      instance = instantiate();
      return instance;
    });
    const [codes, query] = [new Uint8Array(2 ** 22), new Uint8Array(64)];
    kernels.hammingTopK(codes, query, 10, 512);
    const bytes = instance?.memoryBytes() as number;
    expect(bytes).toBeLessThan(3 * 2 ** 22);
    for (let call = 0; call < 50; call++) kernels.hammingTopK(codes, query, 10, 512);
    expect(instance?.memoryBytes()).toBe(bytes);
  });

  it('searches in an index leave nothing behind', () => {
    const instances: KernelInstance[] = [];
    const index = createKernels(() => {
      instances.push(instantiate());
      return instances[0];
    }).createHammingIndex(new Uint8Array(64 * 1000), 512);
    index.topK(new Uint8Array(64), 10);
    const bytes = instances[0].memoryBytes();
    for (let call = 0; call < 3000; call++) {
      index.topK(new Uint8Array(64), 10);
      index.distances(new Uint8Array(64));
    }
    expect(instances.map((instance) => instance.memoryBytes())).toEqual([bytes]);
  });
});

it('a call that runs out of memory says so, and the next one works', () => {
  const kernels = createKernels(instantiateEmbedded);
  const codes = new Uint8Array(2 ** 30); // as much as the runtime allocates at once, and its header
  expect(() => kernels.hammingDistances(codes, new Uint8Array(2 ** 20), 2 ** 23)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(/hammingDistances: out of WebAssembly memory.*fewer rows/),
    }),
  );
  expect([...kernels.hammingDistances(Uint8Array.of(3), Uint8Array.of(0), 8)]).toEqual([2]);
});
