// Accuracy of whole training runs by the command line, each with the command that gives it again. Several minutes.
//   npm run bench -- accuracy [--data-dir DIR] [--save]
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { option, record } from './harness.mjs';

const folderOfSets = option('--data-dir');
const dataDir = folderOfSets === undefined ? [] : ['--data-dir', folderOfSets];
const RUNS = [
  '--data fashion-mnist --model convnet --method ste --epochs 3 --validation 0 --recipe reference --gradients int16',
  '--data fashion-mnist --model convnet --method ste --epochs 3 --validation 0 --recipe reference --gradients f32',
  '--data fashion-mnist --model convnet --method vispa --epochs 3 --validation 0 --recipe reference',
  '--data mnist --model convnet --method vispa --rank 2 --epochs 5 --seed 0 --recipe reference',
  '--data digits --model convnet --method vispa --epochs 8',
];
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bitgauss-accuracy-'));

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args, '--json'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`bitgauss ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const rows = RUNS.map((options, i) => {
  const model = join(folder, `${i}.safetensors`);
  const args = options.split(' ');
  const { testAccuracy, ensembleAccuracy, imagesPerSecond, seconds } = run(['train', ...args, ...dataDir, '--out', model]);
  const evaluated = run(['eval', model, '--data', args[1], ...dataDir]);
  const row = {
    command: `bitgauss train ${options}`,
    testAccuracy,
    ensembleAccuracy,
    accuracyOfTheFile: evaluated.accuracy,
    imagesPerSecond,
    seconds,
  };
  console.log(JSON.stringify(row));
  return row;
});
if (process.argv.includes('--save')) record('accuracy', 'npm run bench -- accuracy --save', rows);
