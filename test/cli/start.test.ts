// What `npm start` runs, to its end: the built-in digits above 97 %, one model file, five digits classified by the runtime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bitgauss, jsonLines, temporaryFolder } from '../helpers/cli.js';

test('npm start trains above 97 % and classifies five digits', async () => {
  const { scripts } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
  expect(scripts.start).toBe('node dist/cli.js demo');
  const out = join(temporaryFolder(), 'digits.safetensors');
  const run = await bitgauss(['demo', '--json', '--out', out]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const lines = jsonLines(run.stdout);
  const done = lines.find((line) => line.event === 'done');
  expect(done?.testAccuracy).toBeGreaterThan(0.97);
  expect(done?.ensembleAccuracy).toBeGreaterThan(0.97);
  expect(readFileSync(out).length).toBeGreaterThan(260_000);
  const predictions = lines.filter((line) => line.event === 'prediction');
  expect(predictions).toHaveLength(5);
  expect(predictions.filter(({ label, expected }) => label === expected).length).toBeGreaterThanOrEqual(4);
}, 300_000);
