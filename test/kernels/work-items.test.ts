// Ranges: [0, n) in one call equals any split, and any address, bit for bit. That is the thread test without threads.
import { describe, expect, it } from 'vitest';
import methods from '#wasm/methods';
import training from '#wasm/training';
import { inflateBinary } from '../../src/wasm/binary.js';
import { KERNEL_CASES } from '../helpers/kernel-cases.js';
import { runCase, sameBytes } from '../helpers/run-case.js';
import { createRuntime } from '../helpers/runtime.js';

const NO_KERNELS = ['heapBase', 'memory', 'math_exp', 'math_log', 'math_cos_turn'];

it('every exported kernel has a case', async () => {
  const compiled = [training, methods].map(async (base64) => WebAssembly.compile(await inflateBinary(base64 as string)));
  const kernels = (await Promise.all(compiled))
    .flatMap((module) => WebAssembly.Module.exports(module).map(({ name }) => name))
    .filter((name) => !NO_KERNELS.includes(name));
  expect(kernels.sort()).toEqual(Object.keys(KERNEL_CASES).sort());
});

describe.each(Object.keys(KERNEL_CASES))('%s', (name) => {
  it('writes all of its outputs and nothing else; any split gives the same bits', async () => {
    const whole = runCase(await createRuntime(), name);
    expect(whole.call.items).toBeGreaterThan(1);
    whole.after.forEach((bytes, i) => {
      expect(Buffer.compare(bytes, whole.before[i])).not.toBe(0);
    });
    const reversed = (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]);
    const single = runCase(await createRuntime({ split: reversed }), name);
    const uneven = runCase(
      await createRuntime({
        split: (items) => [
          [1, items],
          [0, 1],
          [items, items],
        ],
      }),
      name,
      0x55,
    );
    for (const other of [single, uneven]) expect(sameBytes(other, whole)).toBe(true);
  });
});
