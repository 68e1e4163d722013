// The curves of the page: however long a run is, they have few points, and means of batches stay means.
import { expect, test } from 'vitest';
import { History } from '../../examples/browser/src/history.js';
import type { BatchEvent, EpochEvent, StartEvent } from '../../src/train.js';

const EPOCHS = 40;
const BATCHES = 97;

/** A loss that no smooth curve hits. */
const lossOf = (step: number): number => 1 + ((step * 7919) % 100) / 100;

function whole(): History {
  const history = new History();
  history.start({ epochs: EPOCHS } as StartEvent);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let batch = 0; batch < BATCHES; batch++) {
      const loss = lossOf(epoch * BATCHES + batch);
      history.batch({ type: 'batch', epoch, batch, batches: BATCHES, loss, accuracy: loss / 2, learningRate: 0 } as BatchEvent);
    }
    history.epoch({ epoch, testAccuracy: epoch / EPOCHS } as EpochEvent);
  }
  return history;
}

test('3,880 batches are at most 1,200 rows, in order, from the first epoch to the last', () => {
  const { columns } = whole();
  const { x } = columns;
  expect(x.length).toBeLessThanOrEqual(1200);
  expect(x.length).toBeGreaterThan(500);
  expect(new Set(Object.values(columns).map((column) => column.length))).toEqual(new Set([x.length]));
  for (let i = 1; i < x.length; i++) expect(x[i]).toBeGreaterThan(x[i - 1]);
  expect(x[0]).toBeLessThan(0.1);
  expect(x[x.length - 1]).toBeGreaterThan(EPOCHS - 0.1);
});

test('a row is the mean of its batches', () => {
  const { columns } = whole();
  // Rows are nearly equally many batches, so the mean over them is nearly that over all.
  const mean = columns.loss.reduce<number>((sum, value) => sum + (value ?? 0), 0) / columns.loss.length;
  const exact = Array.from({ length: EPOCHS * BATCHES }, (_, step) => lossOf(step)).reduce((a, b) => a + b, 0) / (EPOCHS * BATCHES);
  expect(mean).toBeCloseTo(exact, 2);
  expect(columns.accuracy.every((value, i) => Math.abs((value ?? 0) - (columns.loss[i] ?? 0) / 2) < 1e-9)).toBe(true);
});

test('every epoch has its point', () => {
  const { heldAccuracy, heldLoss, flips } = whole().columns;
  expect(heldAccuracy.filter((value) => value !== null)).toEqual(Array.from({ length: EPOCHS }, (_, epoch) => epoch / EPOCHS));
  expect(heldLoss.every((value) => value === null)).toBe(true);
  expect(flips.every((value) => value === null)).toBe(true);
});
