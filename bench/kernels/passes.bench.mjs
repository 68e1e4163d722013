// Everything but products, one thread, on 128 images of convnet's first block and binary layers: ns per element.
//   npm run bench -- passes [--quick] [--save]
import { interleave, record } from '../harness.mjs';
import { load } from '../wasm.mjs';

const { kernels, allocate, fill, signs, reals } = await load('training');
const QMAX = { i8: 15, i16: 511, f32: 0 };
const G = 2;
const C = 64;
const H = 28;
const P = 14 * 14;
const scratch = allocate(65536);
const ints = (values) => fill(Int32Array, values.length, (i) => values[i]);
const constants = [1, 0, 0.25, Number.POSITIVE_INFINITY, 2, 2, 1, 0.001, 0, 100];

const wide = reals(G * H * H * C * 64); // f32, before the pool
const x32 = reals(G * P * C * 64);
const x16 = fill(Int16Array, G * P * C * 64, (i) => ((i * 7919) % 301) - 150);
const g16 = fill(Int16Array, G * P * C * 64, (i) => ((i * 104729) % 801) - 400);
const argmax = fill(Uint8Array, G * P * C * 64, (i) => (i * 31) % 4);
const parameters = fill(Float32Array, C * 16, (i) => constants[i % 16] ?? 0);
const thresholds = allocate(C * 4);
const realThresholds = allocate(C * 8);
const negate = allocate(C * 2);
const mask = fill(Int32Array, G * 64, () => -1);
const byteMask = fill(Int8Array, G * 64, () => -1);
const scale = fill(Float32Array, G * 64, () => 0.001);
const noise = reals(4096 + 64);
const planes = signs(G * P * C * 64);
const words = allocate(G * P * C * 8);
const out = allocate(G * H * H * C * 256);
const outT = allocate(G * P * C * 256);
const argmaxT = allocate(G * P * C * 64);
const statistics = allocate(G * C * 32);
const images = allocate(2 * G * 256);
const dead = allocate(C * 4);
const noPool = ints([G, 14, 14, C, 1, 1]);
const pool = ints([G, H, H, C, 2, 2]);
const pixels = fill(Uint8Array, G * 64 * 784, (i) => i % 256);
const table = reals(256);
const first = reals(G * 784 * 64);
const N = 512 * 512 * 9; // weights of a wide layer, for updates and sampling
const [w, dw, m, v] = [reals(N), reals(N), reals(N), reals(N)];
const wordsW = allocate(N / 8);
const wordsT = allocate(N / 8);
const mode = allocate(N / 8);
const counts = allocate((N / 4096) * 8);
// update_vispa_sgd of rank 2: z is w and dw, which follow each other. The fields of SgdStep, floats by their bits.
const bits = (x) => new Int32Array(Float32Array.of(x).buffer)[0];
const velocities = ints([v, reals(N), reals(N)]);
const scales = fill(Float32Array, 3, () => 0.5);
const sgdStep = ints([reals(N), m, w, velocities, scales, 2, N * 4, 0, bits(0), bits(0.9), bits(0.001), bits(Infinity), bits(0)]);
const settled = fill(Float32Array, N, () => 10);
const [perFilter, perFilter2, moments] = [reals(512), reals(512), reals(512 * 4)];
const pooled = G * P * C * 64;
const tiles = C / 32;

/** name: [elements, unit, call]. */
const runs = {
  input_u8_f32: [G * 64 * 784, 'pixel', () => kernels.input_u8_f32(scratch, pixels, table, first, 784, 1, 128, 0, G * 13)],
  bias_f32_dw: [pooled, 'value', () => kernels.bias_f32_dw(scratch, x32, statistics, G, P, C, 0, C)],
  max_pool2d_f32: [
    pooled,
    'output',
    () => kernels.max_pool2d_f32(scratch, wide, out, argmax, negate, statistics, mask, G, H, H, C, 2, 2, 0, tiles * G),
  ],
  max_pool2d_i16: [pooled, 'output', () => kernels.max_pool2d_i16(scratch, wide, out, argmax, negate, G, H, H, C, 2, 2, 0, tiles * G)],
  statistics_f32: [pooled, 'value', () => kernels.statistics_f32(scratch, x32, mask, statistics, G, P, C, 0, tiles)],
  statistics_i16: [pooled, 'value', () => kernels.statistics_i16(scratch, x16, statistics, G, P, C, 0, tiles)],
  threshold_i16_b1: [
    pooled,
    'value',
    () => kernels.threshold_i16_b1(scratch, x16, planes, words, thresholds, byteMask, G, P, C, 0, tiles * G),
  ],
  activation_i16_f32: [pooled, 'value', () => kernels.activation_i16_f32(scratch, x16, out, parameters, G, P, C, 0, tiles * G)],
  activation_f32_f32: [pooled, 'value', () => kernels.activation_f32_f32(scratch, x32, out, parameters, G, P, C, 0, tiles * G)],
  threshold_f32_b1: [
    pooled,
    'value',
    () => kernels.threshold_f32_b1(scratch, x32, planes, words, realThresholds, byteMask, G, P, C, 0, tiles * G),
  ],
  cross_entropy_f32: [128 * 10, 'logit', () => kernels.cross_entropy_f32(scratch, x32, counts, out, outT, 10, 128, 0, 0, G)],
  random_uniform_f32: [4160, 'number', () => kernels.random_uniform_f32(scratch, noise, 1, 2, 3, 4, -0.5, 0.5, 4160, 0, 2)],
  random_normal_f32: [4096, 'number', () => kernels.random_normal_f32(scratch, noise, 1, 2, 3, 4, 1, 4096, 0, 1)],
  'sample_vispa K=0': [
    N,
    'weight',
    () => kernels.sample_vispa(scratch, m, m, noise, wordsW, wordsT, mode, counts, 512, 512, 9, 0, 0, N / 4096),
  ],
  'sample_vispa K=2': [
    N,
    'weight',
    () => kernels.sample_vispa(scratch, m, w, noise, wordsW, wordsT, mode, counts, 512, 512, 9, 2, 0, N / 4096),
  ],
  'update_vispa_sgd K=2': [
    N,
    'weight',
    () => kernels.update_vispa_sgd(scratch, sgdStep, noise, wordsW, wordsT, mode, counts, 512, 512, 9, 2, 0, N / 4096),
  ],
  normalize_vispa: [N, 'weight', () => kernels.normalize_vispa(scratch, m, v, N, 1, 100, 0, N / 4096)],
  update_adam: [N, 'weight', () => kernels.update_adam(scratch, w, dw, m, v, N, 1, 1, 0.9, 0.1, 0.999, 0.001, 0.001, 1, 1e-8, 0, N / 4096)],
  update_sgd: [N, 'weight', () => kernels.update_sgd(scratch, w, dw, v, N, 1, 0, 0.9, 0.001, 0, 0, N / 4096)],
  update_nsgd: [N, 'weight', () => kernels.update_nsgd(scratch, w, dw, v, 4608, 1, 1, 0.9, 0.001, 0.2, 0, 16)],
  'update_muon (blocks of 8)': [N, 'weight', () => kernels.update_muon(scratch, w, dw, v, 4608, 512, 8, 2, 1, 1, 0.9, 0.001, 0.2, 0, 16)],
  'update_muon (blocks of 32)': [N, 'weight', () => kernels.update_muon(scratch, w, dw, v, 4608, 512, 32, 2, 1, 1, 0.9, 0.001, 0.2, 0, 16)],
  sample_filters: [
    N,
    'weight',
    () => kernels.sample_filters(scratch, m, perFilter, 0, wordsW, wordsT, mode, counts, 512, 512, 9, 0, N / 4096),
  ],
  filter_moments: [N, 'weight', () => kernels.filter_moments(scratch, w, perFilter, moments, 4608, 1, 0, 16)],
  filter_rank: [N, 'weight', () => kernels.filter_rank(scratch, w, perFilter, perFilter2, 4608, 2304, 0, 16)],
  gate_dw: [N, 'weight', () => kernels.gate_dw(scratch, dw, w, perFilter, perFilter, 4608, 1, 0, 16)],
  'standardize_dw (clamp)': [N, 'weight', () => kernels.standardize_dw(scratch, v, w, perFilter, perFilter, 4608, 0, 1, 1, 0, 16)],
  'standardize_dw (EDE)': [N, 'weight', () => kernels.standardize_dw(scratch, v, w, perFilter, perFilter, 4608, 1, 1, 1, 0, 16)],
  update_bop: [N, 'weight', () => kernels.update_bop(scratch, w, dw, m, N, 0.999, 0.001, 1e-8, 0, N / 4096)],
  update_bayesbinn: [N, 'weight', () => kernels.update_bayesbinn(scratch, w, m, dw, v, N, 1e-10, 1e-10, 1, 0.9, 0.1, 0.001, 0, N / 4096)],
  tanh_f32: [N, 'weight', () => kernels.tanh_f32(scratch, w, m, N, 0, N / 4096)],
  'tanh_f32 (settled)': [N, 'weight', () => kernels.tanh_f32(scratch, settled, m, N, 0, N / 4096)],
  sign_f32: [N, 'weight', () => kernels.sign_f32(scratch, v, N, 1, 0, N / 4096)],
  clip_f32: [N, 'weight', () => kernels.clip_f32(scratch, w, N, 1, 0, N / 4096)],
  add_i32: [N, 'weight', () => kernels.add_i32(scratch, dw, m, N, 0, N / 4096)],
  add_scaled_f32: [N, 'weight', () => kernels.add_scaled_f32(scratch, w, m, N, 0.5, 1, 0, N / 4096)],
  dequantize_i32_f32: [N, 'weight', () => kernels.dequantize_i32_f32(scratch, dw, m, 512 * 9, 0, 16)],
  input_f32_f32: [G * 64 * 784, 'pixel', () => kernels.input_f32_f32(scratch, wide, first, 784, 128, 0, G * 13)],
};
for (const [x, type] of [
  [x16, 'i16'],
  [x32, 'f32'],
]) {
  for (const [g, gType] of [
    [g16, 'i16'],
    [x32, 'f32'],
  ]) {
    const name = `block_sums_${type}${gType}`;
    runs[name] = [
      pooled,
      'value',
      () => kernels[name](scratch, g, scale, x, parameters, statistics, images, dead, mask, G, P, C, 0, tiles),
    ];
    if (type === 'i16') {
      for (const q of ['i8', 'i16', 'f32']) {
        const kernel = `block_dx_i16${gType}_${q}`;
        if (!(kernel in kernels)) continue;
        for (const [suffix, from, to] of [
          ['', 0, 0],
          [' (of a pooled map)', argmax, argmaxT],
        ]) {
          runs[`${kernel}${suffix}`] = [
            pooled,
            'value',
            () =>
              kernels[kernel](scratch, g, scale, x, parameters, from, mask, scale, noise, out, outT, to, G, P, C, QMAX[q], 0, tiles * G),
          ];
        }
      }
    } else {
      const kernel = `block_dx_f32${gType}_f32`;
      for (const [suffix, from, shape] of [
        ['', 0, noPool],
        [' (through a pool)', argmax, pool],
      ])
        runs[`${kernel}${suffix}`] = [
          pooled,
          'value',
          () => kernels[kernel](scratch, g, scale, x, parameters, from, mask, out, shape, 0, tiles * G),
        ];
    }
  }
}

const times = interleave(
  Object.fromEntries(Object.entries(runs).map(([name, [, , call]]) => [name, call])),
  process.argv.includes('--quick') ? 5 : 25,
);
const rows = Object.entries(runs).map(([kernel, [elements, unit]]) => {
  const { median, spread } = times[kernel];
  const nsPerElement = Number(((median * 1e6) / elements).toFixed(3));
  return { kernel, ms: Number(median.toFixed(3)), nsPerElement, element: unit, spread: Number(spread.toFixed(2)) };
});
for (const { kernel, ms, nsPerElement, element } of rows)
  console.log(`${kernel.padEnd(40)} ${ms.toFixed(3).padStart(8)} ms  ${nsPerElement} ns per ${element}`);
const missing = Object.keys(kernels).filter(
  (name) =>
    typeof kernels[name] === 'function' &&
    !/^(math|conv2d|patch)_/.test(name) &&
    !Object.keys(runs).some((run) => run.split(' ')[0] === name),
);
if (missing.length > 0) throw new Error(`passes: no benchmark for ${missing.join(', ')}`);
if (process.argv.includes('--save'))
  record(`kernels-passes-node${process.versions.node.split('.')[0]}`, 'npm run bench -- passes --save', rows);
