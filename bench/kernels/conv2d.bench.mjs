// Binary 3x3 convolutions on 64 images, one thread: forward pass, dX and dW for each gradient type, in GMAC/s.
//   npm run bench -- conv2d [--quick] [--reference DIR] [--save]
// --reference: a folder with conv.ts, lookup.ts and conv.bench.mjs, a reference with the same layouts; it is compiled, run in the same minute,
// and the ratio of best times is printed.
import { interleave, option, record } from '../harness.mjs';
import { runReference } from '../reference.mjs';
import { load } from '../wasm.mjs';

const quick = process.argv.includes('--quick');
const reference = option('--reference');
const SHAPES = [
  [32, 128, 128],
  [16, 128, 256],
  [16, 256, 256],
  [8, 256, 512],
  [8, 512, 512],
  [14, 64, 64],
  [7, 64, 128],
];
const IMAGES = 64;

const { kernels, allocate, fill, reset, signs, words: randomWords, reals } = await load('training');

/** Largest magnitude of the integer gradients of i8. */
const INT8 = { int8: 15, 'int8-fast': 6 };

/** Random signs, words and gradients for one layer, and its calls. */
function layer(size, cin, cout) {
  reset();
  const scratch = allocate(196608);
  const P = size * size;
  const sizes = [1, size, size, cin, size, size, cout, 3, 3, 1, 1];
  const shape = fill(Int32Array, sizes.length, (i) => sizes[i]);
  const x = signs(P * cin * 64);
  const words = randomWords((9 * cin * cout) / 8);
  const bits = randomWords(P * cin * 8);
  const dy = reals(P * cout * 64);
  const y = allocate(P * cout * 128);
  const dx = allocate(P * cin * 256);
  const dw = allocate(9 * cin * cout * 4);
  const bands = Math.ceil(size / 8);
  const chunks = (channels) => Math.ceil(channels / 128);
  const int8 = Object.entries(INT8).flatMap(([type, qmax]) => [
    [`dX ${type}`, () => kernels.conv2d_i8b1_i16_dx(scratch, dy, 0, words, dx, shape, 1, qmax, 0, chunks(cin) * bands)],
    [`dW ${type}`, () => kernels.conv2d_i8b1_i32_dw(scratch, dy, 0, bits, dw, shape, 1, qmax, 0, chunks(cin) * Math.ceil(cout / 64))],
  ]);
  return {
    forward: () => kernels.conv2d_b1b1_i16(scratch, x, words, y, shape, 0, chunks(cout) * bands),
    'dX int16': () => kernels.conv2d_i16b1_i16_dx(scratch, dy, 0, words, dx, shape, 1, 511, 0, chunks(cin) * bands),
    'dW int16': () => kernels.conv2d_i16b1_i32_dw(scratch, dy, 0, bits, dw, shape, 1, 511, 0, chunks(cin) * Math.ceil(cout / 32)),
    ...Object.fromEntries(int8),
    'dX f32': () => kernels.conv2d_f32b1_f32_dx(scratch, dy, 0, words, dx, shape, 1, 0, 0, chunks(cin) * bands),
    'dW f32': () => kernels.conv2d_f32b1_f32_dw(scratch, dy, 0, bits, dw, shape, 1, 0, 0, chunks(cin) * Math.ceil(cout / 16)),
  };
}

/** GMAC/s of the reference's kernels by shape. */
function referenceSpeeds(folder) {
  const stdout = runReference(folder, 'conv', 12000, ['--quick']);
  const names = {
    forward: 'forward',
    dxInt16: 'dX int16',
    dwInt16: 'dW int16',
    dxInt8_15: 'dX int8',
    dwInt8_15: 'dW int8',
    dxInt8_6: 'dX int8-fast',
    dwInt8_6: 'dW int8-fast',
    dxF32: 'dX f32',
    dwF32: 'dW f32',
  };
  const result = {};
  let shape;
  for (const line of stdout.split('\n')) {
    if (/^\d+->\d+@/.test(line)) shape = line.trim();
    const match = line.match(/^\s+(\w+)\s+(\d+) GMAC\/s/);
    if (match && match[1] in names) result[`${shape} ${names[match[1]]}`] = Number(match[2]);
  }
  return result;
}

const rows = [];
const expected = reference === undefined ? {} : referenceSpeeds(reference);
for (const [size, cin, cout] of SHAPES) {
  const macs = IMAGES * size * size * 9 * cin * cout;
  const name = `${cin}->${cout}@${size}x${size}`;
  const times = interleave(layer(size, cin, cout), quick ? 3 : 10);
  for (const [kernel, { median, best, spread }] of Object.entries(times)) {
    const row = {
      shape: name,
      kernel,
      gmacs: Math.round(macs / median / 1e6),
      bestGmacs: Math.round(macs / best / 1e6),
      spread: Number(spread.toFixed(2)),
    };
    const other = expected[`${name} ${kernel}`];
    if (other !== undefined) row.ratioToReference = Number((macs / best / 1e6 / other).toFixed(2));
    rows.push(row);
    const ratio = row.ratioToReference === undefined ? '' : `  ${row.ratioToReference} of the reference's ${other}`;
    console.log(`${name.padEnd(16)} ${kernel.padEnd(12)} ${String(row.gmacs).padStart(4)} GMAC/s (best ${row.bestGmacs})${ratio}`);
  }
}
if (process.argv.includes('--save'))
  record(`kernels-conv2d-node${process.versions.node.split('.')[0]}`, 'npm run bench -- conv2d --save', rows);
