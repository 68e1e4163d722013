// VGG-Small on CIFAR-10 by the command line: accuracy per epoch of whole runs, for hours. Runs are kept in a folder, so that this can be stopped at any
// time and goes on where it was.
//   npm run bench -- cifar10 --runs DIR [--only NAME,NAME] [--data-dir DIR] [--save]
// --save writes bench/results/cifar10-vgg-small.json from the runs that are complete in DIR. Test accuracy is logged and selects nothing.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { option, record } from './harness.mjs';

const REFERENCE = '--width 0.5 --epochs 6 --validation 0 --recipe reference';
const SMALL = '--width 0.25 --epochs 3 --validation 5000';
const RATES = {
  adam2: '--optimizer adamw --lr 0.002',
  adam10: '--optimizer adamw --lr 0.01',
  nsgd: '--optimizer nsgd --lr 0.01',
  muon: '--optimizer muon --lr 0.01',
};
const RUNS = {
  'ste-int16-ref': `${REFERENCE} --method ste`,
  'ste-f32-ref': `${REFERENCE} --method ste --gradients f32`,
  'vispa-ref': `${REFERENCE} --method vispa --rank 2 --export ensemble`,
  'vispa-anneal': `${REFERENCE} --method vispa --rank 2 --noise-anneal 0.2`,
};
for (const seed of [0, 1]) {
  for (const [name, rates] of Object.entries(RATES)) {
    RUNS[`a-${name}-s${seed}`] = `${SMALL} --method ste ${rates} --seed ${seed}`;
    RUNS[`a-vispa-${name}-s${seed}`] = `${SMALL} --method vispa --rank 2 ${rates} --seed ${seed}`;
  }
}
// With int16 gradients: a-muon.
RUNS['a-muon-s2'] = `${SMALL} --method ste ${RATES.muon} --seed 2`;
for (const seed of [0, 1, 2]) {
  for (const gradients of ['f32', 'int8', 'int8-fast'])
    RUNS[`g-${gradients}-s${seed}`] = `${SMALL} --method ste ${RATES.muon} --gradients ${gradients} --seed ${seed}`;
}
for (const [name, rates] of Object.entries(RATES)) RUNS[`ste-${name}`] = `${REFERENCE} --method ste ${rates}`;

const RESULT = 'cifar10-vgg-small';
const folder = option('--runs');
if (folder === undefined) throw new Error('bench cifar10: expected --runs DIR, where runs are kept');
const dataDir = option('--data-dir');
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const only = option('--only')?.split(',') ?? Object.keys(RUNS);

/** What is worth keeping of an epoch. */
const slim = ({ epoch, loss, validationAccuracy, testAccuracy, imagesPerSecond, seconds }) => ({
  epoch: epoch + 1,
  loss: Number(loss.toFixed(4)),
  validationAccuracy,
  testAccuracy,
  imagesPerSecond: Math.round(imagesPerSecond),
  seconds: Math.round(seconds),
});

/** Runs, or goes on with, one run; writes DIR/<name>/result.json when it has ended. */
async function run(name) {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const args = ['train', '--data', 'cifar10', '--model', 'vgg-small', ...RUNS[name].split(' '), '--log-test', '--json'];
  if (dataDir !== undefined) args.push('--data-dir', dataDir);
  args.push('--checkpoint', place, '--resume', '--out', join(place, 'model.safetensors'));
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const epochs = [];
  let done;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'start') epochs.push(...event.history.map(slim));
    if (event.event === 'done') done = event;
    if (event.event !== 'epoch') continue;
    epochs.push(slim(event));
    console.log(`${name}: ${JSON.stringify(epochs.at(-1))}`);
  }
  if (done === undefined) throw new Error(`${name}: the run did not end`);
  const { testAccuracy, ensembleAccuracy } = done;
  const file = join(place, 'result.json');
  writeFileSync(`${file}.tmp`, JSON.stringify({ epochs, testAccuracy, ensembleAccuracy }));
  renameSync(`${file}.tmp`, file);
}

for (const name of only) {
  if (!(name in RUNS)) throw new Error(`bench cifar10: got ${name}, expected one of ${Object.keys(RUNS).join(', ')}`);
  if (!process.argv.includes('--save') && !existsSync(join(folder, name, 'result.json'))) await run(name);
}
if (process.argv.includes('--save')) {
  // Rows of runs that were done elsewhere stay.
  const saved = new URL(`./results/${RESULT}.json`, import.meta.url);
  const before = existsSync(saved) ? JSON.parse(readFileSync(saved, 'utf8')).results : [];
  const rows = Object.entries(RUNS).flatMap(([name, options]) => {
    const file = join(folder, name, 'result.json');
    if (!existsSync(file)) return before.filter((row) => row.name === name);
    const command = `bitgauss train --data cifar10 --model vgg-small ${options} --log-test`;
    return [{ name, command, ...JSON.parse(readFileSync(file, 'utf8')) }];
  });
  record(RESULT, 'npm run bench -- cifar10 --runs DIR, then with --save', rows);
}
