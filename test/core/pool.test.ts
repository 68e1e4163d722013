// Threads: the same bits as one thread for every kernel, and what happens when one of them fails.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Runtime } from '../../src/core/runtime.js';
import { platform } from '../../src/platform/node.js';
import { KERNEL_CASES } from '../helpers/kernel-cases.js';
import { runCase, sameBytes } from '../helpers/run-case.js';
import { createRuntime } from '../helpers/runtime.js';

vi.mock('#platform', async () => await import('../../src/platform/node.js'));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('kernels on three threads', () => {
  it.each(Object.keys(KERNEL_CASES))('%s gives the bits of one thread', async (name) => {
    const alone = runCase(await createRuntime(), name);
    const runtime = await createRuntime({ threads: 3 });
    try {
      expect(sameBytes(runCase(runtime, name, 0x55), alone)).toBe(true);
    } finally {
      await runtime.stop();
    }
  });
});

/** 1,000 items of `random_uniform_f32`. */
const COUNT = 1000 * 4096;

describe('a pool', () => {
  it('shares the items of a call in pieces, and goes on alone after stop', async () => {
    const runtime = await Runtime.create({ threads: 4 });
    const [a, b, c] = [1, 2, 3].map(() => runtime.arena.allocate(COUNT * 4, 'workspace'));
    const parameters = (pointer: number): [string, number, ...number[]] => ['random_uniform_f32', 1000, pointer, 1, 2, 3, 4, -1, 1, COUNT];
    for (const _ of runtime.pieces(...parameters(a)));
    runtime.run(...parameters(b));
    await runtime.stop();
    runtime.run(...parameters(c));
    const values = runtime.arena.f32(a, COUNT).slice();
    expect(values.every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(new Set(values.subarray(0, 4096)).size).toBeGreaterThan(4000);
    expect(Buffer.compare(runtime.arena.u8(a, COUNT * 4), runtime.arena.u8(c, COUNT * 4))).toBe(0);
    expect(Buffer.compare(runtime.arena.u8(b, COUNT * 4), runtime.arena.u8(c, COUNT * 4))).toBe(0);
  });

  it('leaves memory alone once a call in pieces was given up', async () => {
    const runtime = await Runtime.create({ threads: 3 });
    const pointer = runtime.arena.allocate(COUNT * 4, 'workspace');
    const work = runtime.pieces('random_uniform_f32', 1000, pointer, 1, 2, 3, 4, -1, 1, COUNT);
    work.next();
    work.return();
    const after = Buffer.from(runtime.arena.u8(pointer, COUNT * 4));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(Buffer.compare(after, runtime.arena.u8(pointer, COUNT * 4))).toBe(0);
    await runtime.stop();
  });

  /** Threads that run `change`d programs. */
  const changed = (from: string, to: string): void => {
    const { startThread } = platform;
    vi.spyOn(platform, 'startThread').mockImplementation((source, ...rest) => {
      expect(source).toContain(from);
      return startThread(source.replace(from, to), ...rest);
    });
  };

  it.each([
    ['throws', "throw new Error('broken')", /a thread failed in or before random_uniform_f32 \(.*broken|trapped/],
    ['ends', 'process.exit(3)', /a thread failed in or before random_uniform_f32 \(it ended with code 3\)/],
  ])('ends the call with one error when a thread %s', async (_, failure, message) => {
    changed('kernel(...parameters', `${failure}; kernel(...parameters`);
    const runtime = await Runtime.create({ threads: 2 });
    const pointer = runtime.arena.allocate(COUNT * 4, 'workspace');
    const work = async (): Promise<void> => {
      // The other thread may come too late for a call.
      for (let call = 0; call < 100; call++) {
        for (const _ of runtime.pieces('random_uniform_f32', 1000, pointer, 1, 2, 3, 4, -1, 1, COUNT))
          await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await expect(work()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringMatching(message) });
    await expect(work()).rejects.toThrow('cannot go on');
    await runtime.stop();
  });

  it('says why a thread cannot be started, and ends the others', async () => {
    changed('post({ ready: true });', "throw new Error('no memory');");
    await expect(Runtime.create({ threads: 3 })).rejects.toMatchObject({
      code: 'unsupported',
      message: /could not be started \(.*no memory.*one thread/,
    });
  });
});
