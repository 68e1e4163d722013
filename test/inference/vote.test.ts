// The rule by which a vote ends early, on simulated members.
import { describe, expect, it } from 'vitest';
import { Vote } from '../../src/inference/vote.js';
import { TestRandom } from '../helpers/random.js';

/** Standard normal, by Box and Muller. */
const normal = (numbers: TestRandom): number => Math.sqrt(-2 * Math.log(1 - numbers.uniform())) * Math.cos(2 * Math.PI * numbers.uniform());

/** Votes of `total` members for one image whose classes are `spread` apart: members it took, whether all of them agree. */
function simulate(numbers: TestRandom, total: number, classes: number, spread: number, until: number): { taken: number; agrees: boolean } {
  const means = Array.from({ length: classes }, () => spread * normal(numbers));
  const early = new Vote(classes, total);
  const all = new Vote(classes, total);
  let settled = false;
  for (let i = 0; i < total; i++) {
    const logits = Float32Array.from(means, (mean) => mean + normal(numbers));
    all.add(logits);
    if (settled) continue;
    early.add(logits);
    settled = early.isSettled(until);
  }
  return { taken: early.members, agrees: early.label === all.label };
}

describe('a vote', () => {
  /** The share of images whose label is not that of all members, and the mean number of members that it took. */
  function shares(total: number, classes: number, spread: number, until: number): { wrong: number; taken: number; chance: number } {
    const numbers = new TestRandom(total + classes);
    const rounds = 1000;
    const results = Array.from({ length: rounds }, () => simulate(numbers, total, classes, spread, until));
    return {
      wrong: results.filter(({ agrees }) => !agrees).length / rounds,
      taken: results.reduce((sum, { taken }) => sum + taken, 0) / rounds,
      // Three standard deviations.
      chance: 3 * Math.sqrt((until * (1 - until)) / rounds),
    };
  }

  it.each([
    [10, 10, 0.9],
    [10, 10, 0.99],
    [10, 2, 0.99],
    [40, 3, 0.95],
    [40, 10, 0.9],
    [5, 2, 0.75],
  ])('of %i members over %i classes until %d is what all would say, as often as it claims', (total, classes, until) => {
    for (const spread of [1, 3]) {
      const { wrong, taken, chance } = shares(total, classes, spread, until);
      expect(wrong, `spread ${spread}`).toBeLessThanOrEqual(1 - until + chance);
      expect(taken).toBeLessThan(total);
      if (spread === 3 && total === 40) expect(taken).toBeLessThan(total / 2);
    }
  });

  it('between classes that are all tied is wrong more often, since it looks many times', () => {
    const { wrong, taken, chance } = shares(40, 2, 0, 0.95);
    expect(wrong).toBeGreaterThan(0.05);
    expect(wrong).toBeLessThanOrEqual(3 * 0.05 + chance);
    expect(taken).toBeGreaterThan(15);
  });

  it('takes fewer members the clearer it is and the less is asked', () => {
    const taken = (spread: number, until: number): number => {
      const numbers = new TestRandom(1);
      return Array.from({ length: 300 }, () => simulate(numbers, 20, 10, spread, until).taken).reduce((a, b) => a + b) / 300;
    };
    expect(taken(4, 0.99)).toBeLessThan(taken(1, 0.99));
    expect(taken(1, 0.9)).toBeLessThan(taken(1, 0.99));
    expect(taken(1000, 0.9)).toBeCloseTo(3, 1);
  });

  it('of equals is for the first class, and open to the end', () => {
    const vote = new Vote(3, 5);
    for (let i = 1; i <= 5; i++) {
      vote.add(Float32Array.of(-1, 2, 2));
      expect([vote.label, vote.isSettled(0.6)]).toEqual([1, i === 5]);
    }
  });

  it('of members that say the same is settled by the third', () => {
    const vote = new Vote(2, 5);
    for (let i = 1; i <= 3; i++) {
      vote.add(Float32Array.of(0.25, 0.5));
      expect(vote.isSettled(0.999)).toBe(i === 3);
    }
    expect([...vote.mean]).toEqual([0.25, 0.5]);
  });

  it('of one member is that member, the sign of 0 included', () => {
    const vote = new Vote(2, 1);
    vote.add(Float32Array.of(-0, 0));
    expect([...vote.mean]).toEqual([-0, 0]);
  });
});
