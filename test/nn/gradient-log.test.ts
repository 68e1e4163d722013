// The log of gradients: its figures from their definitions, and what a training run reports.

import { describe, expect, it } from 'vitest';
import { GRADIENT_FORMATS } from '../../src/nn/gradient-format.js';
import { compareInputGradient, compareRounded, cosineOf } from '../../src/nn/gradient-log.js';
import { fit, type GradientsEvent, gradientLog, type TrainOptions, train } from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

/** [G = 2][3 rows][64] with `value(image, row)`. */
const layout = (value: (image: number, row: number) => number): number[] => {
  const values: number[] = [];
  for (let group = 0; group < 2; group++)
    for (let row = 0; row < 3; row++) for (let lane = 0; lane < 64; lane++) values.push(value(group * 64 + lane, row));
  return values;
};

describe('figures', () => {
  const count = 70;
  const exactOf = (image: number, row: number): number => (image < count ? [0, 0.5, -(1 + image / 64)][row] : 99);
  const exact = Float32Array.from(layout(exactOf));
  const scales = Float32Array.from({ length: 128 }, (_, image) => (image === 3 ? 0.05 : 0.25));

  it('of dY: only images that count', () => {
    const rounded = Int8Array.from(layout((image, row) => (image < count ? [0, image % 2, -6][row] : 1)));
    const report = compareRounded(exact, rounded, scales, 6, count);
    const values = Array.from({ length: count }, (_, image) => [0, 1, 2].map((row) => exactOf(image, row)));
    const all = values.flat();
    const rms = Math.sqrt(all.reduce((sum, x) => sum + x * x, 0) / all.length);
    expect(report.maxOverRms).toBeCloseTo((1 + 69 / 64) / rms, 5);
    const bounds = values.map((row, image) => (scales[image] * 6) / Math.max(...row.map(Math.abs)));
    expect(report.boundOverMax).toBeCloseTo(bounds.reduce((sum, x) => sum + x, 0) / count, 5);
    expect(report.zerosBefore).toBeCloseTo(1 / 3, 9);
    expect(report.zerosAfter).toBeCloseTo(1 / 3 + 35 / 210, 9);
    const beyond = values.flatMap((row, image) => row.filter((x) => Math.abs(x) > Math.fround(scales[image]) * 6)).length;
    expect(beyond).toBeGreaterThan(30);
    expect(report.clipped).toBeCloseTo(beyond / 210, 9);
  });

  it('of dX', () => {
    const used = Int16Array.from(
      layout((image, row) => (image < count ? [4, image === 5 ? 32767 : 2, image === 6 ? -32768 : -8][row] : 32767)),
    );
    const { saturated, cosineDx } = compareInputGradient(exact, used, scales, count);
    expect(saturated).toBeCloseTo(2 / 210, 9);
    let [dot, a, b] = [0, 0, 0];
    for (let image = 0; image < count; image++) {
      for (let row = 0; row < 3; row++) {
        const y = used[(image >> 6) * 192 + row * 64 + (image & 63)] * scales[image];
        const x = exactOf(image, row);
        [dot, a, b] = [dot + x * y, a + x * x, b + y * y];
      }
    }
    expect(cosineDx).toBeCloseTo(dot / Math.sqrt(a * b), 5);
  });

  it('of directions', () => {
    expect(cosineOf(Float32Array.of(1, 0), Float32Array.of(1, 1))).toBeCloseTo(Math.SQRT1_2, 6);
    expect(cosineOf(Float32Array.of(2, 4), Float32Array.of(-1, -2))).toBeCloseTo(-1, 6);
    expect(cosineOf(new Float32Array(2), new Float32Array(2))).toBe(1);
  });
});

const options: TrainOptions = { model: tinyNet, data: fewDigits(), epochs: 1, limitBatches: 4, batchSize: 64, samples: 0, validation: 0 };

async function firstReport(gradients: 'int16' | 'int8' | 'int8-fast'): Promise<GradientsEvent> {
  for await (const event of train({ ...options, gradients, logGradients: gradientLog() })) if (event.type === 'gradients') return event;
  throw new Error('no report');
}

describe('in training', () => {
  it('coarser gradients are rounded more; all stay close to the exact ones', async () => {
    const [int16, int8, fast] = [await firstReport('int16'), await firstReport('int8'), await firstReport('int8-fast')];
    for (const [format, { step, layers }] of [
      ['int16', int16],
      ['int8', int8],
      ['int8-fast', fast],
    ] as const) {
      const { reach } = GRADIENT_FORMATS[format];
      expect(step).toBe(0);
      expect(layers.length).toBeGreaterThan(0);
      for (const layer of layers) {
        expect(layer.boundOverMax).toBeGreaterThanOrEqual(0.999 * reach);
        if (reach === 1) expect(layer.clipped).toBe(0);
        else expect(layer.clipped).toBeLessThan(0.25);
        expect(layer.maxOverRms).toBeGreaterThan(1);
      }
    }
    int16.layers.forEach((layer, i) => {
      expect(layer.cosineDw).toBeGreaterThan(0.9999);
      expect(layer.cosineDx ?? 1).toBeGreaterThan(0.999);
      for (const [finer, coarser] of [
        [layer, int8.layers[i]],
        [int8.layers[i], fast.layers[i]],
      ]) {
        expect(coarser.cosineDw).toBeLessThan(finer.cosineDw);
        expect(coarser.cosineDw).toBeGreaterThan(0.5);
        expect(coarser.zerosAfter).toBeGreaterThan(finer.zerosAfter);
        if (finer.cosineDx !== undefined) expect(coarser.cosineDx).toBeLessThan(finer.cosineDx);
      }
    });
  });

  it('changes nothing, and refuses f32', async () => {
    expect((await fit({ ...options, logGradients: gradientLog(), gradients: 'int8' })).model).toEqual(
      (await fit({ ...options, gradients: 'int8' })).model,
    );
    expect(() => train({ ...options, logGradients: gradientLog(), gradients: 'f32' })).toThrow(
      /logGradients: got Object, expected gradients that are rounded/,
    );
  });
});
