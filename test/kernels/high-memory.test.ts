// Addresses above 2 GiB are negative as i32: every kernel must give the same bytes there.
import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { gradientTypes } from '../../src/nn/gradient-format.js';
import { NETWORK_CASES } from '../cases/networks.js';
import { KERNEL_CASES } from '../helpers/kernel-cases.js';
import { buildNetwork, randomBatch, trainingStep } from '../helpers/network.js';
import { runCase, sameBytes } from '../helpers/run-case.js';
import { createRuntime } from '../helpers/runtime.js';

/** Never touched, so the host commits none of it. */
const UNUSED = 2 ** 31;

async function high(): Promise<Runtime | undefined> {
  const runtime = await createRuntime();
  try {
    runtime.arena.allocate(UNUSED, 'data');
    return runtime;
  } catch (error) {
    console.warn(`skipped: ${(error as Error).message}`);
    return undefined;
  }
}

const runtime = await high();

describe.skipIf(runtime === undefined)('above 2 GiB', () => {
  it.each(Object.keys(KERNEL_CASES))('%s', async (name) => {
    const above = runCase(runtime as Runtime, name);
    expect(above.call.outputs[0][0]).toBeGreaterThan(2 ** 31);
    expect(sameBytes(above, runCase(await createRuntime(), name))).toBe(true);
  });

  it.each(gradientTypes())('a training step of a network, %s gradients', async (gradients) => {
    const batch = randomBatch(NETWORK_CASES[0], 65);
    const below = trainingStep(await buildNetwork(NETWORK_CASES[0], { batchSize: 65, gradients }), batch);
    const above = trainingStep(await buildNetwork(NETWORK_CASES[0], { batchSize: 65, gradients, offset: UNUSED }), batch);
    expect(above).toEqual(below);
  });
});
