// Which networks of a distribution a file holds: what the trainer says of them against the file itself.
import { describe, expect, test } from 'vitest';
import { validationSplit } from '../../src/data/loader.js';
import { loadModel } from '../../src/index.js';
import { bayesbinn, bestOf, type Dataset, fit, sigmaPoints, ste, type TrainOptions, train, vispa } from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const data = fewDigits();
// Much noise: samples differ from each other.
const method = vispa({ rank: 3, noiseScale: 0.05 });
const base: TrainOptions = { model: tinyNet, data, epochs: 2, batchSize: 64, method, samples: 2, seed: 3, validation: 120 };
const held = validationSplit(data.train, 120, 3).validation;

/** Share of samples that a file gets right. */
async function accuracyOf(bytes: Uint8Array, dataset: Dataset, draw?: 'mode'): Promise<number> {
  const model = await loadModel(bytes);
  const images = new Uint8Array(784);
  const labels = new Int32Array(1);
  let correct = 0;
  for (let i = 0; i < dataset.length; i++) {
    dataset.read(Uint32Array.of(i), { images, labels });
    if (model.predict(images, draw && { draw }).label === labels[0]) correct++;
  }
  return correct / dataset.length;
}

describe('bestOf', () => {
  test('exports the sample that is best on the validation split, with statistics of its own', async () => {
    const { model, result } = await fit({ ...base, exportDraw: bestOf(6) });
    const { sample, validationAccuracies } = result.selection!;
    expect(validationAccuracies).toHaveLength(6);
    expect(new Set(validationAccuracies).size).toBeGreaterThan(1);
    expect(validationAccuracies[sample]).toBe(Math.max(...validationAccuracies));
    expect(await accuracyOf(model, held)).toBe(validationAccuracies[sample]);
    expect(await accuracyOf(model, data.test)).toBe(result.testAccuracy);
    expect(result.ensembleAccuracy).toBeUndefined();
    expect((await loadModel(model)).members).toBe(0);
  });

  test('of one is the sample that an export holds; more of them only add candidates; the test set has no say', async () => {
    const one = await fit({ ...base, exportDraw: bestOf(1) });
    expect(one.model).toEqual((await fit({ ...base, exportDraw: 'sample' })).model);
    const [three, six, blind] = await Promise.all([
      fit({ ...base, exportDraw: bestOf(3) }),
      fit({ ...base, exportDraw: bestOf(6) }),
      fit({ ...base, data: { train: data.train }, exportDraw: bestOf(6) }),
    ]);
    expect(six.result.selection?.validationAccuracies.slice(0, 3)).toEqual(three.result.selection?.validationAccuracies);
    expect(blind.model).toEqual(six.model);
    expect(blind.result.selection).toEqual(six.result.selection);
  });

  test('of equally accurate ones the lower loss decides, then the order', async () => {
    const results = [
      { accuracy: 0.5, loss: 1 },
      { accuracy: 0.7, loss: 2 },
      { accuracy: 0.7, loss: 1.5 },
      { accuracy: 0.7, loss: 1.5 },
      { accuracy: 0.6, loss: 0.1 },
    ];
    const asked: unknown[] = [];
    const chosen = await bestOf(5).choose(method, async (draw) => {
      asked.push(draw);
      return results[asked.length - 1];
    });
    expect(asked).toEqual([0, 1, 2, 3, 4].map((index) => ({ kind: 'sample', index })));
    expect(chosen).toEqual({
      draw: { kind: 'sample', index: 2 },
      selection: { sample: 2, validationAccuracies: [0.5, 0.7, 0.7, 0.7, 0.6] },
    });
  });

  test('needs samples that differ, a validation split and a number of samples', () => {
    expect(() => train({ ...base, validation: 0, exportDraw: bestOf(2) })).toThrow(/^validation: got 0, expected at least 1 for best-of/);
    expect(() => train({ ...base, method: ste(), exportDraw: bestOf(2) })).toThrow(/^exportDraw: got "best-of", expected 'mode'/);
    expect(() => bestOf(0)).toThrow(/^bestOf.samples: got 0/);
    for (const wrong of ['bestOf(n)', 'best', {}])
      expect(() => train({ ...base, exportDraw: wrong as 'mode' })).toThrow(
        /^exportDraw: got .*, expected 'mode', 'sample', 'ensemble', bestOf/,
      );
  });
});

describe('sigmaPoints', () => {
  test('exports the mode and 2K members; they vote as the trainer says', async () => {
    const { model, result } = await fit({ ...base, exportDraw: sigmaPoints() });
    expect((await loadModel(model)).members).toBe(6);
    expect(await accuracyOf(model, data.test)).toBe(result.ensembleAccuracy);
    expect(await accuracyOf(model, data.test, 'mode')).toBe(result.testAccuracy);
    const gaussian = await fit({ ...base, samples: 6, exportDraw: 'ensemble' });
    expect(model).not.toEqual(gaussian.model);
    expect(result.testAccuracy).toBe(gaussian.result.testAccuracy);
  });

  test('is refused by methods that have none', () => {
    expect(() => train({ ...base, method: bayesbinn(), exportDraw: sigmaPoints() })).toThrow(
      /^exportDraw: got "sigma-points", expected another choice: bayesbinn has no sigma points/,
    );
    expect(() => train({ ...base, method: vispa({ rank: 0 }), exportDraw: sigmaPoints() })).toThrow(/^exportDraw: got "sigma-points"/);
  });
});

test.each([bestOf(3), sigmaPoints()])('exports between events do not change the run ($name)', async (exportDraw) => {
  const { model } = await fit({ ...base, exportDraw });
  const trainer = train({ ...base, exportDraw });
  for await (const event of trainer) if (event.type === 'batch' && event.batch === 1) void trainer.exportModel();
  expect(await trainer.exportModel()).toEqual(model);
});

test('images of forward passes for the plan of a time budget', () => {
  const work = { method, reestimated: 1000, statistics: 70, validation: 300, tested: 20 };
  expect(bestOf(5).images(work)).toBe(5 * 1300 + 1000);
  expect(sigmaPoints().images(work)).toBe(70 + 6 * 1020);
});
