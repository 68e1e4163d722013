import { expect, test } from 'vitest';
import { Runtime } from '../../src/core/runtime.js';
import { QualityMeter } from '../../src/train/quality.js';

const { math } = await Runtime.create();

/** The definitions, on probabilities. */
function definition(samples: readonly { probabilities: number[]; label: number }[]): { accuracy: number; loss: number; ece: number } {
  const n = samples.length;
  const top = samples.map(({ probabilities }) => Math.max(...probabilities));
  const right = samples.map(({ probabilities, label }, i) => (probabilities.indexOf(top[i]) === label ? 1 : 0));
  let ece = 0;
  for (let bin = 0; bin < 10; bin++) {
    const inside = top.flatMap((p, i) => (p > bin / 10 && p <= (bin + 1) / 10 ? [i] : []));
    if (inside.length === 0) continue;
    const mean = (values: number[]): number => inside.reduce((sum, i) => sum + values[i], 0) / inside.length;
    ece += (inside.length / n) * Math.abs(mean(right) - mean(top));
  }
  return {
    accuracy: right.filter((value) => value === 1).length / n,
    loss: samples.reduce((sum, { probabilities, label }) => sum - Math.log(probabilities[label]), 0) / n,
    ece,
  };
}

test('accuracy, loss and calibration error are those of their definitions', () => {
  const meter = new QualityMeter(math);
  const samples = Array.from({ length: 500 }, (_, i) => {
    const logits = Float64Array.from({ length: 7 }, (_, c) => 4 * Math.sin(12.9898 * (i * 7 + c + 1)) + (c === i % 7 ? 1.5 : 0));
    const powers = Array.from(logits, Math.exp);
    const sum = powers.reduce((a, b) => a + b, 0);
    meter.add(logits, (i * 3) % 7);
    return { probabilities: powers.map((power) => power / sum), label: (i * 3) % 7 };
  });
  const expected = definition(samples);
  const result = meter.result();
  expect(result.accuracy).toBe(expected.accuracy);
  expect(result.loss).toBeCloseTo(expected.loss, 12);
  expect(result.calibrationError).toBeCloseTo(expected.ece, 12);
  expect(expected.ece).toBeGreaterThan(0.05);
});

test('a certain and right prediction has no error, a certain and wrong one a finite loss', () => {
  const meter = new QualityMeter(math);
  meter.add(Float64Array.of(0, 900), 1);
  expect(meter.result()).toEqual({ accuracy: 1, loss: 0, calibrationError: 0 });
  meter.add(Float64Array.of(0, 900), 0);
  const { accuracy, loss, calibrationError } = meter.result();
  expect([accuracy, calibrationError]).toEqual([0.5, 0.5]);
  expect(loss).toBeCloseTo(345.3877, 3); // -ln 1e-300 / 2
});
