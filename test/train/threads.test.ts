// A training run on threads: the same model file, byte for byte; threads end with the run, however it ends.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../src/nn/layer.js';
import { platform } from '../../src/platform/node.js';
import type { Thread } from '../../src/platform/types.js';
import { usefulThreads } from '../../src/train/threads.js';
import { bayesbinn, binaryConnect, fit, type GradientType, recu, siman, type TrainOptions, train, vispa, xnor } from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

vi.mock('#platform', async () => await import('../../src/platform/node.js'));

const data = fewDigits();
const base: TrainOptions = { model: tinyNet, data, epochs: 2, batchSize: 128, samples: 2, seed: 3, method: vispa() };
const GRADIENTS: readonly GradientType[] = ['f32', 'int16', 'int8', 'int8-fast'];

/** Counts threads that were started and stopped. */
function watchThreads(): { started: number; stopped: number } {
  const counts = { started: 0, stopped: 0 };
  const { startThread } = platform;
  vi.spyOn(platform, 'startThread').mockImplementation((...parameters): Thread => {
    counts.started++;
    const thread = startThread(...parameters);
    return {
      async stop() {
        await thread.stop();
        counts.stopped++;
      },
    };
  });
  return counts;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('threads', () => {
  it.each(GRADIENTS)('1, 2, 3 and 4 give the same model file, %s gradients', async (gradients) => {
    const counts = watchThreads();
    const one = await fit({ ...base, gradients, threads: 1 });
    expect(counts.started).toBe(0);
    for (const threads of [2, 3, 4]) expect((await fit({ ...base, gradients, threads })).model).toEqual(one.model);
    expect(counts).toEqual({ started: 6, stopped: 6 });
  });

  it.each([xnor(), recu(), siman(), binaryConnect({ stochastic: true }), bayesbinn()])(
    '1 and 3 give the same model file, $name',
    async (method) => {
      const options = { ...base, method, epochs: 1, limitBatches: 3 };
      expect((await fit({ ...options, threads: 3 })).model).toEqual((await fit({ ...options, threads: 1 })).model);
    },
  );

  it('are as many as asked for, and the event says so', async () => {
    for await (const event of train({ ...base, threads: 3 })) {
      if (event.type === 'start') expect(event.threads).toBe(3);
      break;
    }
  });

  it('auto takes the cores of the host that help; one where there are none, with the reason as a warning', async () => {
    const start = async (): Promise<{ threads: number; warnings: string[] }> => {
      for await (const event of train({ ...base, epochs: 1 })) if (event.type === 'start') return event;
      throw new Error('no start');
    };
    vi.spyOn(platform, 'threads').mockReturnValue({ cores: 2 });
    expect(await start()).toMatchObject({ threads: 2, warnings: [] });
    vi.spyOn(platform, 'threads').mockReturnValue({ cores: 1, reason: 'it is a test' });
    expect(await start()).toMatchObject({ threads: 1, warnings: ['training runs on one thread: it is a test'] });
  });

  it.each([0, 65, 1.5, 'two'])('refuses %s', (threads) => {
    expect(() => train({ ...base, threads: threads as number })).toThrow(/^threads: got .*, expected/);
  });

  it('refuses more than one where the host has none, and says what to do', () => {
    vi.spyOn(platform, 'threads').mockReturnValue({ cores: 1, reason: 'it is a test' });
    expect(() => train({ ...base, threads: 2 })).toThrow("threads: got 2, but it is a test; use 'auto' or 1");
  });

  it('end when the caller stops listening, and when the run is aborted; the model can still be exported', async () => {
    const counts = watchThreads();
    for await (const event of train({ ...base, threads: 3 })) if (event.type === 'batch') break;
    expect(counts).toEqual({ started: 2, stopped: 2 });
    const controller = new AbortController();
    const trainer = train({ ...base, threads: 3, signal: controller.signal });
    const run = async (): Promise<void> => {
      for await (const event of trainer) if (event.type === 'batch') controller.abort(new Error('enough'));
    };
    await expect(run()).rejects.toThrow('enough');
    expect(counts).toEqual({ started: 4, stopped: 4 });
    expect((await trainer.exportModel()).length).toBeGreaterThan(0);
  });

  it('end with one error when a thread fails', async () => {
    const { startThread } = platform;
    vi.spyOn(platform, 'startThread').mockImplementation((source, ...rest) =>
      startThread(source.replace('kernel(...parameters', "throw new Error('broken'); kernel(...parameters"), ...rest),
    );
    await expect(fit({ ...base, threads: 2 })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('a thread failed'),
    });
  });
});

describe('useful threads', () => {
  const steps = (...kernels: [number, number[]][]): Step[] => kernels.map(([macs, items]) => ({ macs, items }) as unknown as Step);
  it.each([
    [1, 16, steps([100, [1, 1]])],
    [2, 2, steps([100, [8]])],
    [8, 16, steps([100, [8]])],
    [2, 3, steps([100, [4]])],
    [4, 5, steps([100, [4, 8]])],
    [4, 4, steps([100, [16]], [1, [1]])],
  ])('%i of %i cores', (expected, cores, network) => {
    expect(usefulThreads(network, cores)).toBe(expected);
  });
});
