// What --recipe stands for, and what it says of a run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { recipeWarnings } from '../../src/cli/recipes.js';
import { addTrainOptions, resolveFlags, type TrainFlags, trainOptions } from '../../src/cli/train-options.js';
import type { TrainOptions } from '../../src/train.js';
import { bitgauss } from '../helpers/cli.js';
import { fewDigits } from '../helpers/tiny.js';

const data = fewDigits(100, 10);

function options(...words: string[]): { options: TrainOptions; warnings: string[] } {
  const command = addTrainOptions(new Command()).exitOverride();
  command.parse(words, { from: 'user' });
  const { flags, warnings } = resolveFlags(command, command.opts<TrainFlags>(), data);
  return { options: trainOptions(flags, data), warnings };
}

describe('--recipe paper', () => {
  test('is the published schedule, with a lower rate for real-valued layers', () => {
    const { options: paper, warnings } = options('--recipe', 'paper');
    expect(warnings).toEqual([]);
    expect(paper).toMatchObject({
      method: { name: 'vispa', options: { rank: 4, noiseScale: 100, normalize: 'none', noise: 'gaussian', factorGradient: 'published' } },
      optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-5, nesterov: false } },
      realOptimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-5, nesterov: false } },
      learningRate: 0.5,
      realLearningRate: 0.1,
      warmup: 5,
      schedule: 'cosine',
      batchSize: 256,
      epochs: 600,
      samples: 40,
    });
  });

  test('options beside it win, a time budget in place of epochs, too', () => {
    const { options: paper } = options('--recipe', 'paper', '--rank', '2', '--epochs', '120', '--lr', '1', '--batch', '128');
    expect(paper).toMatchObject({ method: { options: { rank: 2 } }, epochs: 120, learningRate: 1, realLearningRate: 0.1, batchSize: 128 });
    const budget = options('--recipe', 'paper', '--time-budget', '3h').options;
    expect([budget.epochs, budget.timeBudget]).toEqual([undefined, 10800]);
  });

  test('other methods get its schedule; those with an update of their own keep their rate', () => {
    expect(options('--recipe', 'paper', '--method', 'ste').options).toMatchObject({ method: { name: 'ste' }, learningRate: 0.5 });
    expect(options('--recipe', 'paper', '--method', 'bop')).toMatchObject({ options: { learningRate: undefined }, warnings: [] });
  });

  test('warns below 100 epochs', async () => {
    expect(recipeWarnings('paper', 100)).toEqual([]);
    expect(recipeWarnings('paper', 99)).toEqual([expect.stringMatching(/20,000 steps.* in 99 epochs/)]);
    for (const recipe of ['default', 'reference', undefined] as const) expect(recipeWarnings(recipe, 1)).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), 'bitgauss-'));
    const run = await bitgauss([
      ...['train', '--recipe', 'paper', '--epochs', '1', '--limit-batches', '1', '--samples', '0', '--json'],
      ...['--out', join(folder, 'paper.safetensors')],
    ]);
    rmSync(folder, { recursive: true });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/^warning: --recipe paper is a schedule of 600 epochs/m);
  });
});
