// Runs that are killed and go on, time budgets, ensembles: the command line on whole files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { bitgauss, jsonLines, type Run, temporaryFolder } from '../helpers/cli.js';

const folder = temporaryFolder();
const kind = ['--width', '0.25', '--head', 'binary', '--optimizer', 'nsgd', '--limit-batches', '6', '--batch', '64', '--samples', '8'];
const command = ['train', ...kind, '--epochs', '4', '--export', 'ensemble', '--json'];
const whole = join(folder, 'whole.safetensors');
let trained: Record<string, unknown>[];

beforeAll(async () => {
  const run = await bitgauss([...command, '--out', whole]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  trained = jsonLines(run.stdout);
});

/** Runs a training command and sends a signal as soon as it has told of `epochs` epochs. */
function stopAfter(epochs: number, signal: NodeJS.Signals, args: string[]): Promise<Run> {
  return bitgauss(args, {
    onStart(child) {
      let seen = '';
      let sent = false;
      child.stdout?.on('data', (text) => {
        seen += String(text);
        if (sent || seen.split('"event":"epoch"').length <= epochs) return;
        sent = child.kill(signal);
      });
    },
  });
}

describe('kill and resume', () => {
  test.each([1, 2, 3])('killed after epoch %i: the same bytes as the undisturbed run', async (epochs) => {
    const checkpoint = join(folder, `run${epochs}`);
    const out = join(folder, `resumed${epochs}.safetensors`);
    const killed = await stopAfter(epochs, 'SIGKILL', [...command, '--checkpoint', checkpoint, '--out', out]);
    expect(killed.code).toBe(null);
    expect(existsSync(out)).toBe(false);
    const resumed = await bitgauss([...command, '--checkpoint', checkpoint, '--resume', '--out', out]);
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    const start = jsonLines(resumed.stdout)[0] as { history: { epoch: number }[] };
    expect(start.history.length).toBeGreaterThanOrEqual(epochs); // it may have got further before the signal came
    expect(readFileSync(out)).toEqual(readFileSync(whole));
    const lines = jsonLines(readFileSync(join(checkpoint, 'history.jsonl'), 'utf8'));
    expect(lines.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(readdirSync(checkpoint).sort()).toEqual(['checkpoint.safetensors', 'history.jsonl']);
  });

  test('an interrupt says how to go on', async () => {
    const checkpoint = join(folder, 'interrupted');
    const out = join(folder, 'interrupted.safetensors');
    const run = await stopAfter(1, 'SIGINT', ['train', ...kind, '--epochs', '500', '--json', '--checkpoint', checkpoint, '--out', out]);
    expect(run.code).toBe(130);
    expect(run.stderr).toContain(`go on with --checkpoint ${checkpoint} --resume`);
  });

  test('a place that holds a run is left alone; --resume needs a place; another command is refused', async () => {
    const place = ['--checkpoint', join(folder, 'run1'), '--out', join(folder, 'never.safetensors')];
    const again = await bitgauss([...command, ...place]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toMatch(/checkpoint: got ".*run1", expected an empty place: it holds a run; resume it/);
    const other = await bitgauss([...command, ...place, '--resume', '--lr', '0.5']);
    expect(other.stderr).toMatch(/its run has --lr 0.01, this one 0.5/);
    const nowhere = await bitgauss([...command, '--resume']);
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.stderr).toMatch(/--resume: expected --checkpoint/);
  });
});

describe('a place that cannot be used is found before any work', () => {
  test.each([
    ['a file', whole, 1, /cannot write .*whole\.safetensors: a file of that name is in the way; choose another place with --checkpoint/],
    ['below a file', join(whole, 'sub'), 1, /cannot write .*sub: part of the path is not a directory/],
    ['no name', '', 2, /--checkpoint: got nothing, expected the name of a directory/],
  ])('%s', async (_, checkpoint, code, message) => {
    const run = await bitgauss([...command, '--checkpoint', checkpoint, '--out', join(folder, 'never.safetensors')]);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toMatch(message);
  });

  test('the file of the run itself', async () => {
    const checkpoint = join(folder, 'run1');
    const out = join(checkpoint, 'checkpoint.safetensors');
    const before = readFileSync(out);
    const run = await bitgauss([...command, '--checkpoint', checkpoint, '--resume', '--out', out]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/--out: got .*, where the run is saved; expected another file/);
    expect(readFileSync(out)).toEqual(before);
  });
});

describe('the reference recipe', () => {
  const start = async (...args: string[]): Promise<Record<string, unknown>> => {
    const out = join(folder, 'recipe.safetensors');
    const run = await bitgauss([
      'train',
      ...args,
      '--epochs',
      '1',
      '--limit-batches',
      '2',
      '--batch',
      '64',
      '--samples',
      '0',
      '--json',
      '--out',
      out,
    ]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return jsonLines(run.stdout)[0];
  };

  test('is adamw; what is given beside it wins; without it the default is muon', async () => {
    expect(await start('--recipe', 'reference')).toMatchObject({ optimizer: 'adamw' });
    expect(await start('--recipe', 'reference', '--optimizer', 'nsgd')).toMatchObject({ optimizer: 'nsgd' });
    expect(await start()).toMatchObject({ optimizer: 'muon' });
  });
});

describe('a time budget', () => {
  test('plans epochs and trains them', async () => {
    const out = join(folder, 'budget.safetensors');
    const run = await bitgauss(['train', ...kind, '--time-budget', '20s', '--json', '--out', out]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const events = jsonLines(run.stdout);
    const { epochs } = events[0] as { epochs: number };
    expect(epochs).toBeGreaterThan(1);
    expect(events.filter(({ event }) => event === 'epoch')).toHaveLength(epochs);
  });

  test.each([
    [['--time-budget', 'soon'], /--time-budget.*soon.*Expected a time of at least a second, such as 90m/],
    [['--time-budget', '5m', '--epochs', '3'], /--time-budget: got 300, expected no epochs beside it/],
  ])('%j', async (args, pattern) => {
    const run = await bitgauss(['train', ...args, '--out', join(folder, 'never.safetensors')]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(pattern);
  });
});

describe('an ensemble file', () => {
  test('gives the accuracies that training reported, and anytime prediction close to them', async () => {
    const done = trained.at(-1) as { testAccuracy: number; ensembleAccuracy: number };
    const run = await bitgauss(['eval', whole, '--json', '--until', '0.99']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const [result] = jsonLines(run.stdout) as Record<string, number>[];
    expect(result).toMatchObject({ accuracy: done.testAccuracy, ensembleAccuracy: done.ensembleAccuracy, members: 8 });
    expect(Math.abs(result.anytimeAccuracy - result.ensembleAccuracy)).toBeLessThanOrEqual(0.002);
    expect(result.anytimeMembers).toBeLessThan(8);
    expect(result.anytimeMembers).toBeGreaterThanOrEqual(3);
  });

  test('with a binary head has no float weights but those of the first layer', async () => {
    const model = await loadModel(readFileSync(whole));
    expect(model.ops.map(({ name }) => name).filter((name) => /^(conv2d|linear)_/.test(name))).toEqual([
      'conv2d_f32',
      'conv2d_b1b1',
      'conv2d_b1b1',
      'linear_b1b1',
    ]);
  });
});
