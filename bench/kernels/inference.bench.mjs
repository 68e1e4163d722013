// Whole binary 3x3 layers of one image by the inference kernels, borders included, one thread: ms and GMAC/s, on the layers of VGG-Small and
// ResNet-18; and a binary linear layer by popcount.
//   npm run bench -- inference [--quick] [--reference DIR] [--save]
// --reference: a folder with inference.ts, lookup.ts and inference.bench.mjs, compiled and run in the same minute for the ratio.
import { planes } from '../../build/js/inference/activation.js';
import { interleave, option, record } from '../harness.mjs';
import { runReference } from '../reference.mjs';
import { load } from '../wasm.mjs';

const quick = process.argv.includes('--quick');
const reference = option('--reference');
const LAYERS = [
  ['VGG-Small', 32, 128, 128],
  ['VGG-Small', 16, 128, 256],
  ['VGG-Small', 16, 256, 256],
  ['VGG-Small', 8, 256, 512],
  ['VGG-Small', 8, 512, 512],
  ['ResNet-18', 56, 64, 64],
  ['ResNet-18', 28, 128, 128],
  ['ResNet-18', 14, 256, 256],
  ['ResNet-18', 7, 512, 512],
];
const { kernels, allocate, reset, signs, words: randomWords } = await load('inference');

function layer(size, cin, cout) {
  reset();
  const scratch = allocate(65536);
  const input = planes('bits', size, size, cin);
  const output = planes('int16', size, size, cout, size + 1);
  const x = signs(input.bytes) + input.offset;
  const w = randomWords((9 * cin * cout) / 8);
  const y = allocate(output.bytes) + output.offset;
  return () =>
    kernels.conv2d_b1b1_i16(scratch, x, w, y, input.stride, output.stride, size, size, cin, cout, 3, 3, 1, 1, 0, Math.ceil(cout / 64));
}

/** ms by `cin@size` of ResNet-18 and the sum of VGG-Small. */
const expected = reference === undefined ? undefined : JSON.parse(runReference(reference, 'inference', 2000, ['--quick', '--json']));
const rows = [];
const compare = (ms, other) => (other === undefined ? {} : { ratioToReference: Number((other / ms).toFixed(2)) });
let vggSmall = 0;
for (const [net, size, cin, cout] of LAYERS) {
  const { run } = interleave({ run: layer(size, cin, cout) }, quick ? 50 : 400);
  const macs = size * size * 9 * cin * cout;
  const row = {
    net,
    shape: `${cin}->${cout}@${size}x${size}`,
    ms: Number(run.median.toFixed(4)),
    bestMs: Number(run.best.toFixed(4)),
    gmacs: Math.round(macs / run.median / 1e6),
  };
  if (net === 'VGG-Small') vggSmall += run.best;
  rows.push({ ...row, ...(net === 'ResNet-18' ? compare(run.best, expected?.resnet18[`${cin}@${size}`]) : {}) });
}
rows.push({ net: 'VGG-Small', shape: 'all five', bestMs: Number(vggSmall.toFixed(3)), ...compare(vggSmall, expected?.vggSmall) });
{
  reset();
  const [scratch, x, w, y] = [allocate(65536), randomWords(9216 / 8), randomWords((9216 * 4096) / 8), allocate(4096 * 2)];
  const { run } = interleave({ run: () => kernels.linear_b1b1_i16(scratch, x, w, y, 9216, 4096, 0, 512) }, quick ? 50 : 400);
  rows.push({
    net: 'AlexNet',
    shape: '9216->4096 linear',
    ms: Number(run.median.toFixed(4)),
    gmacs: Math.round((9216 * 4096) / run.median / 1e6),
  });
}
for (const row of rows) console.log(Object.values(row).join('  '));
if (process.argv.includes('--save'))
  record(`kernels-inference-node${process.versions.node.split('.')[0]}`, 'npm run bench -- inference --save', rows);
