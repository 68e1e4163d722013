import { expect, test } from 'vitest';
import { warmupCosine } from '../../src/train/schedule.js';

const cosTurn = (u: number): number => Math.cos(2 * Math.PI * u);

test('warm-up is linear, ends at the peak, and the cosine ends at 0', () => {
  const rates = Array.from({ length: 20 }, (_, step) => warmupCosine(step, 20, 5, cosTurn));
  for (let step = 0; step < 5; step++) expect(rates[step]).toBeCloseTo((step + 1) / 5, 12);
  for (let step = 5; step < 20; step++) expect(rates[step]).toBeCloseTo((1 + Math.cos((Math.PI * (step - 5)) / 15)) / 2, 12);
});

test('no warm-up starts at the peak', () => {
  expect(warmupCosine(0, 10, 0, cosTurn)).toBe(1);
});
