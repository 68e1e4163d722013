import { describe, expect, it } from 'vitest';
import { rateFactor, type Schedule, scheduleNames } from '../../src/train/schedule.js';

const cosTurn = (u: number): number => Math.cos(2 * Math.PI * u);
const make = (name: Schedule['name']): Schedule => ({ name, milestones: [0.4, 0.8], decay: 0.1 });
const rates = (name: Schedule['name'], steps = 20, warmup = 5): number[] =>
  Array.from({ length: steps }, (_, step) => rateFactor(make(name), step, steps, warmup, cosTurn));

describe('learning-rate schedules', () => {
  it.each(scheduleNames())('%s: the warm-up is linear and ends at the peak', (name) => {
    expect(rates(name).slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    expect(rateFactor(make(name), 0, 10, 0, cosTurn)).toBe(1);
  });

  it('cosine', () => {
    rates('cosine').forEach((rate, step) => {
      if (step >= 5) expect(rate).toBeCloseTo((1 + Math.cos((Math.PI * (step - 5)) / 15)) / 2, 12);
    });
  });

  it('linear', () => {
    expect(rates('linear', 10, 0)).toEqual([1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 1 - 0.7, 1 - 0.8, 1 - 0.9]);
  });

  it('step: falls at shares of the run behind the warm-up', () => {
    const falls = rates('step', 15, 5).slice(5);
    expect(falls.map((rate) => Math.round(1000 * rate))).toEqual([1000, 1000, 1000, 1000, 100, 100, 100, 100, 10, 10]);
  });

  it('constant', () => {
    expect(new Set(rates('constant').slice(5))).toEqual(new Set([1]));
  });
});
