// Binary layers of one image by the inference kernels, one thread: the convolutions of VGG-Small and ResNet-18 by lookup and by popcount, borders
// and packing included, and with the threshold that follows; binary linear layers by popcount.
//   npm run bench -- inference [--quick] [--reference DIR] [--save]
// --reference: a folder with inference.ts, lookup.ts and inference.bench.mjs, compiled and run in the same minute for the ratio of best times.
import { interleave, option, record } from '../harness.mjs';
import { runReference } from '../reference.mjs';
import { load } from '../wasm.mjs';
import { layer } from './layer.mjs';

const rounds = process.argv.includes('--quick') ? 30 : 300;
const reference = option('--reference');
/** [size, channels, output channels, kernel size, stride] */
const NETS = {
  'VGG-Small': [
    [32, 128, 128, 3, 1],
    [16, 128, 256, 3, 1],
    [16, 256, 256, 3, 1],
    [8, 256, 512, 3, 1],
    [8, 512, 512, 3, 1],
  ],
  'ResNet-18': [
    [56, 64, 64, 3, 1],
    [28, 128, 128, 3, 1],
    [14, 256, 256, 3, 1],
    [7, 512, 512, 3, 1],
    [56, 64, 128, 3, 2],
    [28, 128, 256, 3, 2],
    [14, 256, 512, 3, 2],
    [56, 64, 128, 1, 2],
    [28, 128, 256, 1, 2],
    [14, 256, 512, 1, 2],
  ],
  pointwise: [
    [56, 64, 64, 1, 1],
    [28, 128, 256, 1, 1],
    [14, 256, 256, 1, 1],
    [7, 512, 512, 1, 1],
  ],
};

const round = (value, digits) => Number(value.toFixed(digits));
/** Best ms of the reference: `channels@size` of ResNet-18, and the sum of VGG-Small. */
const expected = reference === undefined ? undefined : JSON.parse(runReference(reference, 'inference', 2000, ['--quick', '--json']));
const compare = (best, other) => (other === undefined ? {} : { ofReference: round(best / other, 2) });

const rows = [];
let vggSmall = 0;
for (const [net, shapes] of Object.entries(NETS)) {
  for (const [size, channels, cout, kernelSize, stride] of shapes) {
    const shape = { channels, size, cout, kernelSize, stride };
    const [lookup, popcount] = [await layer(shape), await layer({ ...shape, kernel: 'popcount' })];
    // Each on its own: in turn, they would find the caches full of the other's planes.
    const times = {
      ...interleave({ lookup: lookup.convolve, layer: lookup.run }, rounds),
      ...interleave({ popcount: popcount.convolve }, rounds),
    };
    const gmacs = (ms) => Math.round(lookup.macs / ms / 1e6);
    const plain = net === 'ResNet-18' && kernelSize === 3 && stride === 1;
    if (net === 'VGG-Small') vggSmall += times.lookup.best;
    rows.push({
      net,
      shape: `${channels}->${cout}@${size}x${size} ${kernelSize}x${kernelSize}/${stride}`,
      lookupMs: round(times.lookup.median, 4),
      lookupGmacs: gmacs(times.lookup.median),
      popcountMs: round(times.popcount.median, 4),
      popcountGmacs: gmacs(times.popcount.median),
      withThresholdMs: round(times.layer.median, 4),
      bestLookupMs: round(times.lookup.best, 4),
      ...(plain ? compare(times.lookup.best, expected?.resnet18[`${channels}@${size}`]) : {}),
    });
  }
}
rows.push({ net: 'VGG-Small', shape: 'all five', bestLookupMs: round(vggSmall, 3), ...compare(vggSmall, expected?.vggSmall) });

const { kernels, allocate, reset, words } = await load('inference');
for (const [features, cout] of [
  [784, 256],
  [1024, 1024],
  [9216, 4096],
]) {
  reset();
  const [scratch, x, w, y] = [
    allocate(65536),
    words(Math.ceil(features / 64) * 8),
    words((Math.ceil(features / 64) * 64 * cout) / 8),
    allocate(cout * 2),
  ];
  const run = () => kernels.popcount_b1b1_i16(scratch, x, w, y, 2, 1, 1, features, cout, 1, 1, 1, 0, 0, Math.ceil(cout / 8));
  const { median } = interleave({ run }, rounds).run;
  rows.push({
    net: 'linear',
    shape: `${features}->${cout}`,
    popcountMs: round(median, 4),
    popcountGmacs: Math.round((features * cout) / median / 1e6),
  });
}

console.table(rows.map(({ net, ...row }) => ({ net, ...row })));
if (process.argv.includes('--save'))
  record(`kernels-inference-node${process.versions.node.split('.')[0]}`, 'npm run bench -- inference --save', rows);
