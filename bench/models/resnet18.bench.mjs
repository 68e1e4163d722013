// The binary 3x3 convolutions of ResNet-18 at batch 1, threshold and output included, one thread, through the product's own operations.
//   npm run bench -- resnet18 [--quick] [--save]
import { interleave, record } from '../harness.mjs';
import { layer } from '../kernels/layer.mjs';

const rounds = process.argv.includes('--quick') ? 30 : 300;
const SHAPES = [
  [64, 56],
  [128, 28],
  [256, 14],
  [512, 7],
];

const rows = [];
for (const [channels, size] of SHAPES) {
  const { run, macs } = await layer({ channels, size });
  const { median, best, spread } = interleave({ run }, rounds).run;
  rows.push({
    shape: `${channels}@${size}`,
    ms: Number(median.toFixed(4)),
    bestMs: Number(best.toFixed(4)),
    spread: Number(spread.toFixed(2)),
    gmacs: Math.round(macs / median / 1e6),
  });
}
console.table(rows);
if (process.argv.includes('--save'))
  record(`resnet18-node${process.versions.node.split('.')[0]}`, 'npm run bench -- resnet18 --save', rows);
