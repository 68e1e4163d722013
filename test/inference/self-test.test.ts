// The choice between two exact kernels by time, with clocks that say what the test wants.
import { describe, expect, it } from 'vitest';
import type { BinaryKernel } from '../../src/inference/binary-kernels.js';
import { readGraph } from '../../src/inference/graph.js';
import { InferenceRuntime } from '../../src/inference/runtime.js';
import { chooseKernels } from '../../src/inference/self-test.js';
import { Session } from '../../src/inference/session.js';
import { ModelFile } from '../helpers/model-file.js';
import { opOutputs } from '../helpers/op-outputs.js';
import { TestRandom } from '../helpers/random.js';

/** Convolutions are operations 1, 3, 5 and 7; 1 and 3 have the same shape. */
const file = new ModelFile(new TestRandom(1), [9, 11, 70], 'f32')
  .sign()
  .conv2dB1b1(70, 3, 1, 1)
  .threshold()
  .conv2dB1b1(70, 3, 1, 1)
  .threshold()
  .conv2dB1b1(33, 2, 3, 0)
  .threshold()
  .conv2dB1b1(10, 3, 1, 0)
  .affine()
  .flatten()
  .linearF32(10, true);
const bytes = file.bytes();
const SHAPES = 3;

/** `cost`: milliseconds of a multiplication by the kernel, for so many output channels. */
async function choose(cost: (kernel: BinaryKernel, cout: number) => number) {
  const runtime = await InferenceRuntime.create();
  let [ms, runs] = [1e6, 0];
  const run: InferenceRuntime['run'] = (name, items, ...parameters) => {
    runtime.run(name, items, ...parameters);
    if (name === 'pack_i8_b1') return;
    ms += name === 'conv2d_b1b1_i16' ? cost('lookup', parameters[8]) : cost('popcount', parameters[7]);
    runs++;
  };
  const chosen = chooseKernels(readGraph(bytes).ops, { memory: runtime.memory, reserve: (size) => runtime.reserve(size), run }, () => ms);
  return { chosen, runs, ms: ms - 1e6 };
}

const kernels = (...popcount: number[]): BinaryKernel[] => file.steps.map((_, i) => (popcount.includes(i) ? 'popcount' : 'lookup'));

describe('chooseKernels', () => {
  it.each<[string, (kernel: BinaryKernel, cout: number) => number, BinaryKernel[]]>([
    ['lookup is faster', (kernel) => (kernel === 'lookup' ? 0.1 : 0.2), kernels()],
    ['popcount is faster', (kernel) => (kernel === 'lookup' ? 0.2 : 0.1), kernels(1, 3, 5, 7)],
    ['popcount is faster for 33 channels', (kernel, cout) => (kernel === 'popcount' && cout === 33 ? 0.1 : 0.2), kernels(5)],
    ['popcount is faster for 70 channels', (kernel, cout) => (kernel === 'popcount' && cout === 70 ? 0.1 : 0.2), kernels(1, 3)],
    ['they are equally fast', () => 0.1, kernels()],
  ])('where %s', async (_, cost, expected) => {
    const { chosen, ms } = await choose(cost);
    expect(chosen).toEqual(expected);
    expect(ms).toBeGreaterThan(10);
    expect(ms).toBeLessThan(20);
    // Every operation of the network gives the bits of the definition, whatever was chosen.
    const session = await Session.create(readGraph(bytes, (i) => chosen[i]));
    const image = new TestRandom(2).floats(9 * 11 * 70);
    const outputs = file.evaluate([...image]);
    opOutputs(session, image).forEach(({ values }, i) => {
      expect([...values]).toEqual(outputs[i]);
    });
  });

  it('takes the best time of several runs', async () => {
    let first = true;
    const { chosen } = await choose((kernel, cout) => {
      if (kernel === 'lookup') return 0.2;
      const slow = first && cout === 70;
      first = false;
      return slow ? 1 : 0.1;
    });
    expect(chosen).toEqual(kernels(1, 3, 5, 7));
  });

  it('begins no run after 14 ms, and takes lookup where both did not run', async () => {
    const { chosen, runs, ms } = await choose((kernel) => (kernel === 'lookup' ? 5 : 4));
    expect({ chosen, runs, ms }).toEqual({ chosen: kernels(1, 3, 5), runs: 4, ms: 18 });
  });

  it('ends where the clock stands still', async () => {
    const { chosen, runs } = await choose(() => 0);
    expect(chosen).toEqual(kernels());
    expect(runs).toBe(32 * SHAPES * 2);
  });

  it('has nothing to do without binary convolutions', async () => {
    const { ops } = readGraph(new ModelFile(new TestRandom(3), [1, 1, 3]).linearF32(2, true).bytes());
    expect(chooseKernels(ops, await InferenceRuntime.create(), () => 0)).toEqual(['lookup']);
  });
});
