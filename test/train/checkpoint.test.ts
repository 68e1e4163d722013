import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cropFlip, digits } from '../../src/data.js';
import { readSafetensors } from '../../src/format/safetensors.js';
import { writeSafetensors } from '../../src/format/safetensors-write.js';
import {
  adamw,
  BitgaussError,
  batchNorm,
  bayesbinn,
  binaryConnect,
  binaryConv2d,
  bop,
  checkpointDirectory,
  checkpointStore,
  conv2d,
  createOptimizer,
  type EpochEvent,
  ede,
  fit,
  irnet,
  optimizerNames,
  sequential,
  ste,
  type TrainOptions,
  train,
  vispa,
} from '../../src/train.js';
import { MemoryStore } from '../helpers/memory-store.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const base: TrainOptions = { model: tinyNet, data: fewDigits(), epochs: 4, batchSize: 64, samples: 2, seed: 3, method: vispa() };
const FILE = 'checkpoint.safetensors';

/** Trains and stops after `epochs` epochs, as a process that is killed would: what was not saved is lost. */
async function stopAfter(epochs: number, options: TrainOptions): Promise<void> {
  for await (const event of train(options)) if (event.type === 'epoch' && event.epoch + 1 === epochs) return;
}

const GIVEN = { mean: [0.2], std: [0.3] };

/** tinyNet with another norm or another padding of a strided convolution that leaves all shapes as they are. */
function changed({ momentum = 0.1, padding = 1 }: { momentum?: number; padding?: number }): TrainOptions['model'] {
  return (options) => {
    const { layers } = tinyNet(options);
    const first = conv2d(12, { kernelSize: padding === 1 ? 3 : 1, padding, stride: 2, bias: false });
    return sequential([first, batchNorm({ momentum }), ...layers.slice(2)]);
  };
}

/** Without what the clock says. */
function timeless(history: EpochEvent[]): unknown[] {
  return history.map(({ seconds, imagesPerSecond, ...event }) => event);
}

describe('stopping after any epoch and going on gives the bytes of an undisturbed run', () => {
  const kinds: [string, Partial<TrainOptions>][] = [
    ['vispa, mode', {}],
    [
      'vispa with annealed noise, augmentation, re-estimated statistics, ensemble file',
      {
        method: vispa({ noiseAnneal: 0.5, normalize: 'row' }),
        augmentation: cropFlip(),
        batchNormStatistics: 'reestimate',
        exportDraw: 'ensemble',
      },
    ],
    ['ste without validation, f32 gradients', { method: ste({ clip: 1 }), validation: 0, gradients: 'f32' }],
    [
      'a sample, statistics re-estimated every other epoch, no validation',
      { exportDraw: 'sample', batchNormStatistics: 'reestimate', evaluateEvery: 2, validation: 0 },
    ],
    ['a best epoch that is not the last', { optimizer: adamw(), learningRate: 0.2, realLearningRate: 0.05, evaluateEvery: 2 }],
    // Methods whose steps go on from something else: annealed surrogates and scales, drawn signs, arrays and counters of their own.
    ...[irnet(), binaryConnect({ stochastic: true }), bop(), bayesbinn({ momentum: 0.9 })].map(
      (method): [string, Partial<TrainOptions>] => [method.name, { method, limitBatches: 3 }],
    ),
    ...optimizerNames().map((name): [string, Partial<TrainOptions>] => [
      name,
      { optimizer: createOptimizer(name, { weightDecay: 0.01 }), learningRate: 0.01 },
    ]),
  ];
  test.each(kinds)('%s', async (_, kind) => {
    const options = { ...base, ...kind };
    const whole = await fit(options);
    for (const epochs of [1, 2, 3, 4]) {
      const store = new MemoryStore();
      const checkpoint = checkpointStore(store);
      await stopAfter(epochs, { ...options, checkpoint });
      const { model, history, result } = await fit({ ...options, checkpoint, resume: true });
      expect(model).toEqual(whole.model);
      expect(timeless(history)).toEqual(timeless(whole.history));
      expect(result).toMatchObject({ epoch: whole.result.epoch, testAccuracy: whole.result.testAccuracy });
    }
  });

  test('layers with kernels of their own, on another number of threads', async () => {
    const model: TrainOptions['model'] = (options) => {
      const { layers } = tinyNet(options);
      return sequential(layers.map((layer, i) => (i === 3 ? binaryConv2d(37, { kernelSize: 3, padding: 1, surrogate: ede() }) : layer)));
    };
    const store = new MemoryStore();
    const options = { ...base, model, method: ste(), epochs: 2, limitBatches: 3, checkpoint: checkpointStore(store) };
    await stopAfter(1, { ...options, threads: 1 });
    expect(readSafetensors((await store.read(FILE)) as Uint8Array).metadata.get('run')?.length).toBeLessThan(8000);
    const { model: resumed } = await fit({ ...options, threads: 2, resume: true });
    expect(resumed).toEqual((await fit({ ...options, checkpoint: undefined })).model);
  });

  test('twice stopped', async () => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    await stopAfter(1, { ...base, checkpoint });
    await stopAfter(3, { ...base, checkpoint, resume: true });
    expect((await fit({ ...base, checkpoint, resume: true })).model).toEqual((await fit(base)).model);
  });
});

describe('what is saved', () => {
  test('history.jsonl has a line for every epoch', async () => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    const { history } = await fit({ ...base, epochs: 2, checkpoint });
    const lines = store.text('history.jsonl').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(history)));
  });

  test('a directory holds whole files and nothing else', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bitgauss-'));
    try {
      const path = join(directory, 'run', 'one');
      await fit({ ...base, epochs: 1, checkpoint: checkpointDirectory(path) });
      expect(readdirSync(path).sort()).toEqual([FILE, 'history.jsonl']);
      expect(readSafetensors(readFileSync(join(path, FILE))).metadata.get('format')).toBe('bitgauss-checkpoint');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('refused', () => {
  test('to write over a run that nobody asked to continue', async () => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    await stopAfter(1, { ...base, checkpoint });
    await expect(fit({ ...base, checkpoint })).rejects.toThrow(/checkpoint: got "memory", expected an empty place: it holds a run/);
  });

  const others: [string, Partial<TrainOptions>, RegExp][] = [
    ['another rate', { learningRate: 0.003 }, /its run has learningRate 0.01, this one 0.003; use the same options/],
    ['another seed', { seed: 4 }, /seed 3, this one 4/],
    ['more epochs: the schedule would be another', { epochs: 5 }, /epochs 4, this one 5/],
    ['another method', { method: ste() }, /method \["vispa",.*this one \["ste"/],
    ['another option of the method', { method: vispa({ noiseAnneal: 0.1 }) }, /method \["vispa"/],
    ['another optimizer', { optimizer: createOptimizer('nsgd'), learningRate: 0.01 }, /another optimizer|optimizer \["muon"/],
    ['augmentation', { augmentation: cropFlip() }, /augmentation undefined, this one \["crop-flip"/],
    ['other data', { data: fewDigits(641) }, /another data|data \[|validation/],
    ['other images of the same number', { data: digits({ train: 640, test: 200, seed: 1 }), normalization: GIVEN }, /another data|data \[/],
    ['another momentum of a norm', { model: changed({ momentum: 0.5 }) }, /its run has another model/],
    ['another padding', { model: changed({ padding: 0 }) }, /its run has another model/],
  ];
  test.each(others)('%s', async (_, other, message) => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    const { normalization } = other;
    await stopAfter(1, { ...base, normalization, checkpoint });
    await expect(fit({ ...base, ...other, checkpoint, resume: true })).rejects.toThrow(message);
  });

  test('a file that is damaged, foreign, or lacks an array', async () => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    await stopAfter(1, { ...base, checkpoint });
    const bytes = store.files.get(FILE) as Uint8Array;
    const resume = (): Promise<unknown> => fit({ ...base, checkpoint, resume: true });
    store.files.set(FILE, bytes.slice(0, bytes.length - 5));
    await expect(resume()).rejects.toThrow(/^checkpoint memory: it is damaged \(.*\); use another place$/);
    store.files.set(FILE, writeSafetensors(new Map(), { format: 'bitgauss', version: '1' }));
    await expect(resume()).rejects.toThrow(/checkpoint memory: got format bitgauss version 1, expected bitgauss-checkpoint version 1/);
    const { metadata, tensors } = readSafetensors(bytes);
    const without = new Map(
      [...tensors].filter(([name]) => !name.endsWith('gamma')).map(([name, t]) => [name, { ...t, shape: [...t.shape] }]),
    );
    store.files.set(FILE, writeSafetensors(without, Object.fromEntries(metadata)));
    await expect(resume()).rejects.toThrow(/tensor state\..*gamma: got none, expected \d+ numbers of f32/);
  });
});

describe('damaged descriptions of a run', () => {
  const damages: [string, (run: Record<string, unknown>) => unknown][] = [
    ['none', () => undefined],
    ['null', () => null],
    ['more epochs done than there are', (run) => ({ ...run, done: 99 })],
    ['a number that is text', (run) => ({ ...run, done: 'x' })],
    ['no history', ({ history, ...run }) => run],
    ['no settings', ({ settings, ...run }) => run],
    ['counters that are missing', (run) => ({ ...run, counters: {} })],
  ];
  test.each(damages)('%s', async (_, damage) => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    await stopAfter(1, { ...base, checkpoint });
    const { metadata, tensors } = readSafetensors(store.files.get(FILE) as Uint8Array);
    const run = JSON.stringify(damage(JSON.parse(metadata.get('run') as string))) ?? 'garbage';
    const whole = new Map([...tensors].map(([name, t]) => [name, { ...t, shape: [...t.shape] }]));
    store.files.set(FILE, writeSafetensors(whole, { ...Object.fromEntries(metadata), run }));
    const error = await fit({ ...base, checkpoint, resume: true }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as Error).message).toMatch(/^checkpoint memory: .*; use another place$/);
  });
});

describe('two runs in one place', () => {
  test('the second one is told before it writes over the first', async () => {
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    const late = train({ ...base, seed: 4, checkpoint })[Symbol.asyncIterator]();
    await late.next();
    await stopAfter(2, { ...base, checkpoint });
    const kept = store.files.get(FILE);
    const rest = async (): Promise<void> => {
      while (!(await late.next()).done);
    };
    await expect(rest()).rejects.toThrow(/checkpoint memory: another run has written here since/);
    expect(store.files.get(FILE)).toBe(kept);
  });
});

describe('a time budget', () => {
  test('plans whole epochs, trains them, and leaves the start as it was', async () => {
    const { epochs: _, ...rest } = base;
    let planned = 0;
    const begin = performance.now();
    const { model } = await fit({
      ...rest,
      timeBudget: 3,
      onEvent: (event) => {
        if (event.type === 'start') planned = event.epochs;
      },
    });
    expect(planned).toBeGreaterThan(1);
    expect((performance.now() - begin) / 1000).toBeLessThan(12); // a busy machine may slow down after measuring
    expect(model).toEqual((await fit({ ...rest, epochs: planned })).model);
  });

  test('is kept by a resumed run', async () => {
    const { epochs: _, ...rest } = base;
    const store = new MemoryStore();
    const checkpoint = checkpointStore(store);
    await stopAfter(1, { ...rest, timeBudget: 3, checkpoint });
    const epochs = JSON.parse(readSafetensors(store.files.get(FILE) as Uint8Array).metadata.get('run') as string).epochs;
    const { model } = await fit({ ...rest, timeBudget: 3, checkpoint, resume: true });
    expect(model).toEqual((await fit({ ...rest, epochs })).model);
  });

  test('that is too small says what an epoch takes; one beside epochs is refused', async () => {
    const { epochs: _, ...rest } = base;
    await expect(fit({ ...rest, data: fewDigits(6400, 10), batchSize: 64, timeBudget: 1, model: tinyNet, samples: 4000 })).rejects.toThrow(
      /timeBudget: got "-?\d+ s", expected at least about \d+ s: an epoch of \d+ steps takes .* s here/,
    );
    expect(() => train({ ...base, timeBudget: 60 })).toThrow(/timeBudget: got 60, expected no epochs beside it/);
  });
});
