// Float products on 128 images, one thread: GMAC/s, and the share of what a plain matrix product reaches in the same run (peak.ts). Then the
// first layer of VGG-Small and of convnet as training runs them, with batch norm, signs and pool.
//   npm run bench -- f32 [--quick] [--save]
import asc from 'assemblyscript/asc';
import { interleave, record } from '../harness.mjs';
import { load } from '../wasm.mjs';

const ROUNDS = process.argv.includes('--quick') ? 3 : 15;
const G = 2;

/** name: height = width, input and output channels, kernel, padding. Filters of 9, 27 and 75 weights, and of 64 and more. */
const SHAPES = {
  'conv 3x3, 1 -> 64 at 28x28': [28, 1, 64, 3, 1],
  'conv 3x3, 3 -> 128 at 32x32': [32, 3, 128, 3, 1],
  'conv 5x5, 3 -> 64 at 32x32': [32, 3, 64, 5, 2],
  'conv 1x1, 64 -> 64 at 16x16': [16, 64, 64, 1, 0],
  'conv 3x3, 64 -> 64 at 16x16': [16, 64, 64, 3, 1],
  'linear 784 -> 256': [1, 784, 256, 1, 0],
  'linear 1024 -> 512': [1, 1024, 512, 1, 0],
  'linear 8192 -> 10': [1, 8192, 10, 1, 0],
};

const { kernels, allocate, fill, reset, reals } = await load('training');
const peak = await matrixProduct();
const rows = [];
for (const [name, shape] of Object.entries(SHAPES)) measure(name, products(...shape));
measure('first layer of VGG-Small', firstLayer(32, 3, 128, 1));
measure('first layer of convnet', firstLayer(28, 1, 64, 2));
if (process.argv.includes('--save')) record(`kernels-f32-node${process.versions.node.split('.')[0]}`, 'npm run bench -- f32 --save', rows);

/** Times calls, [multiply-accumulates or 0, call] by kernel, in turn with the matrix product, and prints them. */
function measure(shape, calls) {
  const entries = Object.entries(calls);
  const times = interleave(Object.fromEntries([['peak', peak.call], ...entries.map(([name, [, call]]) => [name, call])]), ROUNDS);
  const gmacs = (macs, { median }) => macs / median / 1e6;
  const best = gmacs(peak.macs, times.peak);
  for (const [kernel, [macs]] of entries) {
    const { median, spread } = times[kernel];
    const row = { shape, kernel, ms: Number(median.toFixed(3)), spread: Number(spread.toFixed(2)) };
    if (macs > 0) Object.assign(row, { gmacs: Number(gmacs(macs, times[kernel]).toFixed(2)), peak: Number(best.toFixed(2)) });
    rows.push(row);
    const speed =
      macs > 0 ? `${row.gmacs.toFixed(1).padStart(6)} GMAC/s, ${Math.round((100 * row.gmacs) / best)} % of ${best.toFixed(1)}` : '';
    console.log(`${shape.padEnd(28)} ${kernel.padEnd(34)} ${row.ms.toFixed(2).padStart(8)} ms ${speed}`);
  }
}

/** The yardstick, compiled with the flags of the training binary. */
async function matrixProduct() {
  let bytes;
  const { error, stderr } = await asc.main(['bench/kernels/peak.ts', '--target', 'inference', '--outFile', 'peak.wasm'], {
    writeFile: (_, contents) => {
      bytes = contents;
    },
  });
  if (error) throw new Error(`asc: ${error.message}\n${stderr}`);
  const [M, N, K] = [256, 256, 1152];
  const memory = new WebAssembly.Memory({ initial: 64 });
  const { exports } = (await WebAssembly.instantiate(bytes, { env: { memory } })).instance;
  const [a, b, c] = [65536, 65536 + 4 * M * K, 65536 + 4 * (M + N) * K];
  new Float32Array(memory.buffer, a, (M + N) * K).fill(0.5);
  return { macs: M * N * K, call: () => exports.matmul_f32(a, b, c, M, N, K) };
}

/** What both kinds of layers read and write. */
function layer(H, cin, cout, kernel, padding) {
  reset();
  const filter = kernel ** 2 * cin;
  const sizes = [G, H, H, cin, H, H, cout, kernel, kernel, 1, padding];
  return {
    filter,
    macs: G * 64 * H * H * cout * filter,
    scratch: allocate(65536),
    shape: fill(Int32Array, sizes.length, (i) => sizes[i]),
    mask: fill(Int32Array, G * 64, () => -1),
    x: reals(G * H * H * cin * 64),
    w: reals(cout * filter),
    y: reals(G * H * H * cout * 64),
    dw: allocate(cout * filter * 4),
    bands: Math.ceil((G * H) / 8),
    chunks: (channels) => Math.ceil(channels / 64),
  };
}

function products(H, cin, cout, kernel, padding) {
  const { filter, macs, scratch, shape, mask, x, w, y, dw, bands, chunks } = layer(H, cin, cout, kernel, padding);
  const dx = allocate(G * H * H * cin * 256);
  const { conv2d_f32f32_f32, conv2d_f32f32_f32_dx, conv2d_f32f32_f32_dw } = kernels;
  return {
    conv2d_f32f32_f32: [macs, () => conv2d_f32f32_f32(scratch, x, w, 0, y, 0, mask, shape, 0, chunks(cout) * bands)],
    // Nobody wants the gradient of an image.
    ...(cin > 3 && { conv2d_f32f32_f32_dx: [macs, () => conv2d_f32f32_f32_dx(scratch, y, w, dx, shape, 0, chunks(cin) * bands)] }),
    conv2d_f32f32_f32_dw: [macs, () => conv2d_f32f32_f32_dw(scratch, y, x, dw, shape, 0, Math.ceil(cout / 16) * Math.ceil(filter / 128))],
  };
}

/** 3x3 with padding 1, then a pool of `size` or none (1), batch norm, PReLU and sign. */
function firstLayer(H, cin, cout, size) {
  const { filter, macs, scratch, shape, mask, x, w, y, dw, bands, chunks } = layer(H, cin, cout, 3, 1);
  const inner = Math.floor(H / size);
  const values = G * inner * inner * cout * 64;
  const parts = Math.ceil((G * inner) / 8);
  const tiles = Math.ceil(cout / 16);
  const items = chunks(cout) * bands;
  const constants = [1, 0, 0.25, Number.POSITIVE_INFINITY, 2, 2, 1, 0.001, 0];
  const parameters = fill(Float32Array, cout * 16, (i) => constants[i % 16] ?? 0);
  const thresholds = fill(Float32Array, cout * 2, () => 0);
  const [planes, words] = [allocate(values), allocate(values / 8)];
  const statistics = allocate(bands * cout * 32);
  const moments = allocate(bands * (filter + 1) * filter * 8);
  const sums = allocate((cout + 1) * filter * 8);
  const g = fill(Int16Array, values, (i) => ((i * 104729) % 801) - 400);
  const scale = fill(Float32Array, G * 64, () => 0.001);
  const dwParts = allocate(parts * cout * filter * 4);
  const backward = (pooled, argmax, reductions) =>
    kernels.conv2d_block_dw_f32i16(
      ...[scratch, g, scale, pooled, parameters, argmax, mask, x, dwParts, reductions, shape, size],
      ...[0, tiles * parts],
    );
  const finish = (k, q) => kernels.patch_moments_dw(scratch, dwParts, k, q, dw, parts, filter, cout, 0, tiles);
  if (size > 1) {
    const negate = fill(Int16Array, cout, () => 0);
    const [pooled, argmax] = [allocate(values * 4), allocate(values)];
    const pool = () =>
      kernels.max_pool2d_f32(
        ...[scratch, y, pooled, argmax, negate, statistics, mask, G, H, H, cout, size, size],
        ...[0, Math.ceil(cout / 32) * G],
      );
    return {
      'max_pool2d_f32 with statistics': [0, pool],
      'conv2d_block_dw_f32i16 of dx': [macs, () => backward(pooled, argmax, 0)],
      patch_moments_dw: [0, () => finish(0, 0)],
    };
  }
  return {
    'conv2d_f32f32_f32 with statistics': [macs, () => kernels.conv2d_f32f32_f32(scratch, x, w, 0, y, statistics, mask, shape, 0, items)],
    patch_moments_f32: [0, () => kernels.patch_moments_f32(scratch, x, moments, shape, 0, bands)],
    patch_moments_y: [
      0,
      () => kernels.patch_moments_y(scratch, moments, w, 0, sums, statistics, values / cout, bands, filter, cout, 0, tiles),
    ],
    conv2d_f32f32_b1: [macs, () => kernels.conv2d_f32f32_b1(scratch, x, w, 0, y, planes, words, thresholds, mask, shape, 0, items)],
    'conv2d_block_dw_f32i16 of du': [macs, () => backward(y, 0, statistics)],
    patch_moments_dw: [0, () => finish(parameters, sums)],
  };
}
