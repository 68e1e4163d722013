// `bitgauss posterior` on the checkpoint of a run, against the library.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Posterior, readPosteriors } from '../../src/train.js';
import { bitgauss, jsonLines, temporaryFolder } from '../helpers/cli.js';

const folder = temporaryFolder();
const place = join(folder, 'run');
let layers: Posterior[];

beforeAll(async () => {
  const train = ['train', '--epochs', '1', '--limit-batches', '4', '--batch', '64', '--rank', '3', '--samples', '0', '--quiet'];
  const run = await bitgauss([...train, '--checkpoint', place, '--out', join(folder, 'model.safetensors')]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  layers = await readPosteriors(readFileSync(join(place, 'checkpoint.safetensors')));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('a row for every binary layer: expected and observed flips, shares of the directions', async () => {
  const run = await bitgauss(['posterior', place]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const rows = run.stdout.split('\n').slice(1, 1 + layers.length);
  rows.forEach((row, i) => {
    const { layer, weights, observedFlips } = layers[i];
    const flips = [layers[i].expectedFlips(), observedFlips!].map((share) => `${(100 * share).toFixed(2)} %`);
    const shares = layers[i].directions().map(({ share }) => (100 * share).toFixed(1));
    expect(row.split(/ {2,}/)).toEqual([layer, String(weights), '3', layers[i].noise().toFixed(4), ...flips, shares.join(' ')]);
  });
  expect(layers.length).toBeGreaterThan(1);
});

test('one layer with pairs, as text and as JSON', async () => {
  const [layer] = layers;
  const args = ['posterior', place, '--layer', layer.layer, '--pairs', '0:1,5:700'];
  const text = await bitgauss(args);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  const { correlation, signProduct, signCorrelation } = layer.pair(5, 700);
  const last = text.stdout.trimEnd().split('\n').at(-1)!.split(/ {2,}/);
  expect([last[0], ...last.slice(2)]).toEqual(['5:700', ...[correlation, signProduct, signCorrelation].map((x) => x.toFixed(4))]);
  const [json] = jsonLines((await bitgauss([...args, '--json'])).stdout) as unknown as {
    layers: { expectedFlips: number }[];
    layer: { directions: { largest: { weight: number; value: number }[] }[]; pairs: unknown[] };
  }[];
  expect(json.layers.map(({ expectedFlips }) => expectedFlips)).toEqual(layers.map((each) => each.expectedFlips()));
  expect(json.layer.pairs).toEqual([
    { i: 0, j: 1, ...layer.pair(0, 1) },
    { i: 5, j: 700, ...layer.pair(5, 700) },
  ]);
  layer.directions().forEach(({ vector }, k) => {
    const [first] = json.layer.directions[k].largest;
    expect(first.value).toBe(vector[first.weight]);
    expect(first.value).toBe(Math.max(...vector));
  });
});

test.each([
  [['--layer', 'conv'], 2, /--layer: got conv, expected one of \d+\.binaryConv2d, /],
  [['--pairs', '0:1'], 2, /--pairs: expected --layer with one of/],
  [['--pairs', '0-1'], 2, /expected pairs of weights such as 0:1/],
  [['--epoch', 'best'], 2, /Allowed choices are kept, last/],
])('%s', async (args, code, message) => {
  const run = await bitgauss(['posterior', place, ...args]);
  expect(run.code).toBe(code);
  expect(run.stderr).toMatch(message);
});

test('a place without a checkpoint', async () => {
  const run = await bitgauss(['posterior', folder]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/cannot read .*checkpoint.safetensors/);
});
