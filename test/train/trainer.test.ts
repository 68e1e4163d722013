import { describe, expect, test } from 'vitest';
import { cropFlip } from '../../src/data.js';
import { readSafetensors } from '../../src/format/safetensors.js';
import { loadModel } from '../../src/index.js';
import {
  adamw,
  convnet,
  createMethod,
  createOptimizer,
  type Dataset,
  fit,
  flatten,
  gradientTypes,
  linear,
  methodNames,
  muon,
  nsgd,
  optimizerNames,
  sequential,
  sgd,
  ste,
  type TrainEvent,
  type TrainOptions,
  train,
  vispa,
} from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const data = fewDigits();
const base: TrainOptions = { model: tinyNet, data, epochs: 2, batchSize: 64, samples: 2, seed: 3 };

async function modelOf(options: Partial<TrainOptions>): Promise<Uint8Array> {
  return (await fit({ ...base, ...options })).model;
}

describe('determinism', () => {
  for (const gradients of gradientTypes()) {
    test(`the same seed gives the same bytes, another seed does not (${gradients})`, async () => {
      const options = { method: vispa(), gradients };
      const first = await modelOf(options);
      expect(await modelOf(options)).toEqual(first);
      expect(await modelOf({ ...options, seed: 4 })).not.toEqual(first);
    });

    test(`every item on its own, in reverse order, gives the same bytes as one range (${gradients})`, async () => {
      const reversed = (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]);
      const options = { method: vispa(), gradients, epochs: 1, limitBatches: 4, batchSize: 128 };
      expect(await modelOf({ ...options, runtime: { split: reversed } })).toEqual(await modelOf(options));
    });
  }

  test('vispa of rank 0 equals ste byte for byte', async () => {
    expect(await modelOf({ method: vispa({ rank: 0 }) })).toEqual(await modelOf({ method: ste() }));
  });

  test('a sample is another network than the mode', async () => {
    const options = { method: vispa({ noiseScale: 1 }), epochs: 1 };
    expect(await modelOf({ ...options, exportDraw: 'sample' })).not.toEqual(await modelOf(options));
  });
});

describe('learning', () => {
  for (const gradients of ['int8', 'int8-fast'] as const) {
    test(`${gradients} gradients learn digits`, async () => {
      const { result } = await fit({ ...base, data: fewDigits(3000, 500), gradients, epochs: 4, validation: 300 });
      expect(result.testAccuracy).toBeGreaterThan(0.85);
    });
  }

  for (const name of methodNames()) {
    test(`${name} learns digits`, async () => {
      const method = createMethod(name);
      const { result, history } = await fit({ ...base, data: fewDigits(3000, 500), method, epochs: 4, validation: 300 });
      expect(result.testAccuracy).toBeGreaterThan(0.85);
      if (method.model === undefined) expect(history[0].layers.find((layer) => layer.flips !== undefined)?.flips).toBeGreaterThan(1e-4);
      if (method.stochastic) expect(result.ensembleAccuracy).toBeGreaterThan(0.85);
      else expect(result.ensembleAccuracy).toBeUndefined();
    });
  }

  for (const name of optimizerNames()) {
    test(`vispa learns digits with ${name} for the latent weights`, async () => {
      const options = { method: vispa(), optimizer: createOptimizer(name), learningRate: 0.01, realLearningRate: 0.002, epochs: 4 };
      const { result, history } = await fit({ ...base, ...options, data: fewDigits(3000, 500), validation: 300 });
      expect(result.testAccuracy).toBeGreaterThan(0.85);
      expect(history[0].layers.find((layer) => layer.flips !== undefined)?.flips).toBeGreaterThan(1e-4);
    });
  }

  test('an optimizer of filters cannot take the other parameters', async () => {
    await expect(fit({ ...base, realOptimizer: nsgd(), epochs: 1 })).rejects.toThrow(
      /^nsgd: .* has no filters; use it for the latent weights/,
    );
  });

  test('a learning rate of 0 changes nothing: chance level', async () => {
    const { history } = await fit({ ...base, learningRate: 0, epochs: 1 });
    expect(history[0].layers.find((layer) => layer.flips !== undefined)?.flips).toBe(0);
  });
});

describe('events', () => {
  test('come in order and say what happened', async () => {
    const events: TrainEvent[] = [];
    for await (const event of train({ ...base, method: vispa(), validation: 100 })) events.push(event);
    const steps = Math.floor(540 / 64);
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      ...Array(steps).fill('batch'),
      'epoch',
      ...Array(steps).fill('batch'),
      'epoch',
      'done',
    ]);
    expect(events[0]).toMatchObject({ train: 540, validation: 100, test: 200, stepsPerEpoch: steps });
    const epoch = events.find((event) => event.type === 'epoch');
    const conv = epoch?.layers.find((layer) => layer.flips !== undefined);
    expect(conv?.flips).toBeGreaterThan(0);
    expect(conv?.flips).toBeLessThan(0.2);
    expect(conv?.sampleFlips).toBeGreaterThan(0);
    expect(conv?.sampleFlips).toBeLessThan(0.2);
    const dead = epoch?.layers.find((layer) => layer.deadActivations !== undefined)?.deadActivations;
    expect(dead).toBeGreaterThan(0.02);
    expect(dead).toBeLessThan(0.6);
  });

  // A draw counts the signs that changed since the one before. SGD updates and draws in one pass, with others the next step's draw sees the flips of an update.
  test.each([
    { optimizer: muon(), lag: 1 },
    { optimizer: sgd(), lag: 0 },
  ])('batches say which share of the binary signs changed: the difference of two exports ($optimizer.name)', async ({ optimizer, lag }) => {
    const trainer = train({ ...base, method: vispa(), optimizer, learningRate: 0.02 });
    const signs: Uint8Array[] = [];
    const flips: (number | undefined)[] = [];
    for await (const event of trainer) {
      if (event.type !== 'batch') continue;
      flips.push(event.flips);
      const { tensors } = readSafetensors(await trainer.exportModel());
      signs.push([...tensors.values()].find(({ dtype, shape }) => dtype === 'U8' && shape.length === 4)!.data as Uint8Array);
    }
    for (let k = 1; k + lag < flips.length; k++) {
      const changed = signs[k].reduce((sum, byte, i) => sum + (byte ^ signs[k - 1][i]).toString(2).replaceAll('0', '').length, 0);
      expect(flips[k + lag], `batch ${k + lag}`).toBe(changed / (37 * 9 * 12));
    }
    expect(Math.max(...flips.map(Number))).toBeGreaterThan(1e-4);
  });

  test('without binary weights no batch speaks of flips', async () => {
    const model = sequential([flatten(), linear(10)]);
    for await (const event of train({ ...base, model, epochs: 1, limitBatches: 1 }))
      if (event.type === 'batch') expect(event.flips).toBeUndefined();
  });

  test('the kept epoch is the best on the validation split, and it is what gets exported', async () => {
    const { result, history } = await fit({ ...base, epochs: 3, learningRate: 0.01, validation: 100 });
    const best = Math.max(...history.map((epoch) => epoch.validationAccuracy ?? 0));
    expect(history[result.epoch].validationAccuracy).toBe(best);
    expect(history.slice(0, result.epoch).every((epoch) => (epoch.validationAccuracy ?? 0) < best)).toBe(true);
  });

  test('a later, worse epoch is not what gets exported', async () => {
    // Training labels turn to noise after the first epoch; the held-out samples are read apart from training and keep theirs.
    let spoiled = false;
    const noisy: Dataset = {
      ...data.train,
      read(indices, into) {
        data.train.read(indices, into);
        if (spoiled && indices.length === 16) for (let i = 0; i < 16; i++) into.labels[i] = i % 10; // the loader reads 16 at a time
      },
    };
    const trainer = train({ ...base, data: { train: noisy }, epochs: 3, optimizer: adamw(), learningRate: 0.01, validation: 100 });
    let first: Uint8Array | undefined;
    const accuracies: number[] = [];
    for await (const event of trainer) {
      if (event.type !== 'epoch') continue;
      if (event.epoch === 0) first = await trainer.exportModel();
      accuracies.push(event.validationAccuracy ?? 0);
      spoiled = true;
    }
    expect(accuracies[2]).toBeLessThan(accuracies[0]);
    expect(trainer.keptEpoch).toBe(0);
    expect(await trainer.exportModel()).toEqual(first);
  });

  test('validation 0 trains on all and keeps the last epoch', async () => {
    const { result, history } = await fit({ ...base, validation: 0 });
    expect(result.epoch).toBe(1);
    expect(history[0].validationAccuracy).toBeUndefined();
  });
});

describe('the ensemble', () => {
  test('has members that differ from each other', async () => {
    const votes = await Promise.all(
      [1, 9].map(async (samples) => (await fit({ ...base, method: vispa({ noiseScale: 0.05 }), samples })).result.ensembleAccuracy),
    );
    const { result } = await fit({ ...base, method: vispa({ noiseScale: 0.05 }), samples: 1, exportDraw: 'sample' });
    expect(votes[0]).toBe(result.testAccuracy); // one member is the sample that an export would hold
    expect(votes[1]).not.toBe(votes[0]);
  });
});

describe('evaluation', () => {
  test('logTest and evaluateEvery: the test set at the evaluated epochs, the last one always; nothing is selected by it', async () => {
    const options = { ...base, epochs: 3, evaluateEvery: 2 };
    const { history, model, result } = await fit({ ...options, logTest: true });
    expect(history.map((epoch) => epoch.testAccuracy !== undefined)).toEqual([false, true, true]);
    expect(history.map((epoch) => epoch.validationAccuracy !== undefined)).toEqual([false, true, true]);
    expect(history[result.epoch].testAccuracy).toBe(result.testAccuracy);
    expect(model).toEqual((await fit(options)).model);
  });

  test('re-estimated statistics change what is exported, not what is trained', async () => {
    const running = await fit({ ...base, validation: 0 });
    const reestimated = await fit({ ...base, validation: 0, batchNormStatistics: 'reestimate' });
    expect(reestimated.history.map(({ loss }) => loss)).toEqual(running.history.map(({ loss }) => loss));
    expect(reestimated.model).not.toEqual(running.model);
  });

  test('a sample is exported with statistics of its own, whatever the option says', async () => {
    const options = { ...base, validation: 0, method: vispa({ noiseScale: 0.05 }), exportDraw: 'sample' as const };
    const running = await fit(options);
    expect(running.model).toEqual((await fit({ ...options, batchNormStatistics: 'reestimate' })).model);
  });

  test('an ensemble file holds the members that the trainer evaluated, and the mode', async () => {
    const options = { ...base, validation: 0, method: vispa({ noiseScale: 0.05 }), samples: 5 };
    const { model: bytes, result } = await fit({ ...options, exportDraw: 'ensemble' });
    const model = await loadModel(bytes);
    expect(model.members).toBe(5);
    const images = new Uint8Array(784);
    const labels = new Int32Array(1);
    let [members, mode] = [0, 0];
    for (let i = 0; i < data.test.length; i++) {
      data.test.read(Uint32Array.of(i), { images, labels });
      if (model.predict(images).label === labels[0]) members++;
      if (model.predict(images, { draw: 'mode' }).label === labels[0]) mode++;
    }
    expect(members / data.test.length).toBe(result.ensembleAccuracy);
    expect(mode / data.test.length).toBe(result.testAccuracy);
  });
});

describe('exports between events', () => {
  test.each(['mode', 'sample', 'ensemble'] as const)('%s: neither awaited nor left alone do they change the run', async (exportDraw) => {
    const options = { ...base, method: vispa({ noiseScale: 0.05 }), exportDraw };
    const { model, history } = await fit(options);
    for (const awaited of [true, false]) {
      const trainer = train(options);
      const exports: Promise<Uint8Array>[] = [];
      const epochs: unknown[] = [];
      for await (const event of trainer) {
        if (event.type === 'batch' && event.batch === 1) exports.push(trainer.exportModel());
        if (awaited) await Promise.all(exports);
        if (event.type === 'epoch') epochs.push({ ...event, seconds: 0, imagesPerSecond: 0 });
      }
      expect(await trainer.exportModel()).toEqual(model);
      expect(epochs).toEqual(history.map((event) => ({ ...event, seconds: 0, imagesPerSecond: 0 })));
      expect(new Set((await Promise.all(exports)).map((bytes) => bytes.length > 1000))).toEqual(new Set([true]));
    }
  });
});

describe('augmentation and normalisation', () => {
  test("the data set's own augmentation is used unless told otherwise", async () => {
    const own = await modelOf({ data: { ...data, augmentation: cropFlip() } });
    const plain = await modelOf({});
    expect(own).not.toEqual(plain);
    expect(own).toEqual(await modelOf({ augmentation: cropFlip() }));
    expect(plain).toEqual(await modelOf({ data: { ...data, augmentation: cropFlip() }, augmentation: 'none' }));
  });

  test('given mean and deviation reach the file; wrong ones are refused', async () => {
    const bytes = await modelOf({ epochs: 1, limitBatches: 1, normalization: { mean: [0.25], std: [0.5] } });
    expect(JSON.parse(readSafetensors(bytes).metadata.get('input') ?? '')).toMatchObject({ mean: [0.25], std: [0.5] });
    expect(() => train({ ...base, normalization: 'imagenet' })).toThrow(/normalization: got "imagenet", expected 'measured' or/);
    expect(() => train({ ...base, normalization: { mean: [0], std: [0] } })).toThrow(/std above 0/);
  });
});

describe('learning rates and targets', () => {
  test('every schedule, its milestones and label smoothing make another network; the defaults do not', async () => {
    const short = { epochs: 1, limitBatches: 8 };
    const models = await Promise.all(
      [
        {},
        { schedule: 'linear' as const },
        { schedule: 'constant' as const },
        { schedule: 'step' as const },
        { schedule: 'step' as const, milestones: [0.2] },
        { schedule: 'step' as const, decay: 0.5 },
        { labelSmoothing: 0.1 },
      ].map((options) => modelOf({ ...short, ...options })),
    );
    expect(new Set(models.map((bytes) => bytes.join())).size).toBe(models.length);
    expect(await modelOf({ ...short, schedule: 'cosine', labelSmoothing: 0 })).toEqual(models[0]);
    expect(await modelOf({ ...short, schedule: 'step', milestones: [0.5, 0.75], decay: 0.1 })).toEqual(models[3]);
  });

  test('wrong ones are refused', () => {
    expect(() => train({ ...base, schedule: 'slow' as 'step' })).toThrow(
      /schedule: got "slow", expected one of cosine, linear, step, constant/,
    );
    expect(() => train({ ...base, schedule: 'step', milestones: [0.7, 0.5] })).toThrow(/milestones: got .*, expected shares of the run/);
    expect(() => train({ ...base, schedule: 'step', decay: 0 })).toThrow(/decay: got 0, expected a number above 0 and up to 1/);
    expect(() => train({ ...base, labelSmoothing: 1 })).toThrow(/labelSmoothing: got 1, expected a number from 0 to below 1/);
  });
});

describe('pauses', () => {
  test('let timers run during every step of more than 50 ms', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let steps = 0;
    let slow = 0;
    let [last, seen] = [0, 0];
    for await (const event of train({ ...base, model: convnet, data: fewDigits(2100, 100), batchSize: 1024, epochs: 2, validation: 0 })) {
      if (event.type === 'batch' && steps++ > 0 && performance.now() - last > 60) {
        slow++;
        expect(ticks).toBeGreaterThan(seen);
      }
      [last, seen] = [performance.now(), ticks];
    }
    clearInterval(timer);
    expect(steps).toBe(4);
    expect(slow).toBeGreaterThan(0); // 1024 images take about 350 ms: without pauses no timer fires between two events
  });

  test('a model cannot be exported in the middle of a step', async () => {
    const trainer = train({ ...base, model: convnet, data: fewDigits(600, 100), batchSize: 256, epochs: 1, validation: 0 });
    const messages = new Set<string>();
    const timer = setInterval(() => {
      trainer.exportModel().catch((error: Error) => messages.add(error.message));
    }, 1);
    for await (const event of trainer) if (event.type === 'done') break;
    clearInterval(timer);
    expect([...messages]).toContainEqual(expect.stringContaining('a step is under way'));
  });
});

describe('aborting', () => {
  test('from a timer stops within the epoch and leaves a model', async () => {
    const controller = new AbortController();
    const trainer = train({ ...base, epochs: 1000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    let batches = 0;
    await expect(
      (async () => {
        for await (const event of trainer) if (event.type === 'batch') batches++;
      })(),
    ).rejects.toThrow('enough');
    expect(batches).toBeGreaterThan(0);
    expect(batches).toBeLessThan(9000);
    expect((await trainer.exportModel()).length).toBeGreaterThan(1000);
  });

  test('without a validation split leaves the last whole epoch', async () => {
    const controller = new AbortController();
    const trainer = train({ ...base, epochs: 1000, validation: 0, signal: controller.signal });
    let atEpoch: Uint8Array | undefined;
    await expect(
      (async () => {
        for await (const event of trainer) {
          if (event.type === 'epoch') atEpoch = await trainer.exportModel();
          if (event.type === 'batch' && event.epoch === 1 && event.batch === 3) controller.abort(new Error('enough'));
        }
      })(),
    ).rejects.toThrow('enough');
    expect(await trainer.exportModel()).toEqual(atEpoch);
  });

  test('before the start does nothing', async () => {
    await expect(fit({ ...base, signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
  });
});

describe('bad arguments', () => {
  const cases: [string, Partial<TrainOptions>, RegExp][] = [
    ['learning rate NaN', { learningRate: Number.NaN }, /learningRate: got NaN, expected a finite number/],
    ['no epochs', { epochs: 0 }, /epochs: got 0/],
    ['validation as large as the set', { validation: 640 }, /validation: got 640/],
    ['unknown gradients', { gradients: 'int4' as 'int16' }, /gradients: got "int4", expected one of int16, int8, int8-fast, f32/],
    ['seed below 0', { seed: -1 }, /seed: got -1/],
    ['a sample where all are equal', { exportDraw: 'sample' }, /exportDraw: got "sample", expected 'mode': all samples of ste/],
    ['an ensemble of equal networks', { exportDraw: 'ensemble' }, /exportDraw: got "ensemble", expected 'mode': all samples of ste/],
    ['an ensemble of none', { exportDraw: 'ensemble', method: vispa(), samples: 0 }, /samples: got 0, expected at least 1/],
  ];
  for (const [name, options, message] of cases) {
    test(name, () => {
      expect(() => train({ ...base, ...options })).toThrow(message);
    });
  }

  test('a batch larger than the training set', async () => {
    await expect(fit({ ...base, batchSize: 4096 })).rejects.toThrow(/batchSize: got 4096, expected at most the 576 training samples/);
  });

  test('a loss that is no number ends the run with the rates', async () => {
    await expect(fit({ ...base, learningRate: 0.001, realLearningRate: 1e30, realOptimizer: adamw() })).rejects.toThrow(
      /the loss is (NaN|Infinity) at step \d+; lower the learning rates/,
    );
  });

  test('weights that overflow in the last step are found in the evaluation', async () => {
    await expect(fit({ ...base, epochs: 1, limitBatches: 1, realLearningRate: 1e38 })).rejects.toThrow(
      /is not a finite number|is not finite|the loss is/,
    );
  });

  test("labels that are no classes, from a data set of one's own", async () => {
    const wrong: Dataset = {
      ...data.train,
      read: (indices, into) => {
        data.train.read(indices, into);
        into.labels[0] = 77;
      },
    };
    await expect(fit({ ...base, data: { train: wrong } })).rejects.toThrow(/label of sample \d+: got 77, expected 0 to 9/);
  });

  const wrong: [string, object, RegExp][] = [
    ['model: a name', { model: 'convnet' }, /model: got "convnet", expected sequential/],
    ['model: nothing', { model: undefined }, /model: got undefined/],
    ['method: a name', { method: 'vispa' }, /method: got "vispa", expected a method such as vispa\(\)/],
    ['optimizer: a factory', { optimizer: adamw }, /optimizer: got .*expected an optimizer such as adamw\(\)/],
    ['test set: an array', { data: { train: data.train, test: [] } }, /data\.test: got \[\], expected a data set/],
  ];
  for (const [name, options, message] of wrong) {
    test(name, () => {
      expect(() => train({ ...base, ...options } as TrainOptions)).toThrow(message);
    });
  }

  test('a batch that is no multiple of 64 is a warning', async () => {
    for await (const event of train({ ...base, batchSize: 100 })) {
      if (event.type === 'start')
        expect(event.warnings).toEqual([expect.stringContaining('a batch of 100 costs as much time and memory as one of 128')]);
      break;
    }
  });
});
