/**
 * One call of every exported kernel, with sizes that make several work items of different length.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { putMasks } from './block.js';
import { BLOCK, BLOCK_KERNEL_CASES, blockX, realThresholds } from './block-kernel-cases.js';
import { dirty, put } from './memory.js';
import { floats, GROUPS, IMAGES, int8s, int16s, type KernelCase, seeded, words } from './operands.js';
import { REAL_WEIGHT_CASES } from './real-weight-cases.js';

/** A 3x3 convolution of 10x3 maps, two bands of rows, and of 140 -> 150 channels, two chunks. */
const CONV = { height: 10, width: 3, cin: 140, cout: 150, taps: 9 };
const P = CONV.height * CONV.width;
const convShape = (runtime: Runtime): number =>
  put(runtime, Int32Array.of(GROUPS, CONV.height, CONV.width, CONV.cin, CONV.height, CONV.width, CONV.cout, 3, 3, 1, 1));
const latent = (): number => Math.ceil(CONV.cout / 32) * 32 * CONV.taps * CONV.cin;
const bands = 2;

type GradientType = 'i8' | 'i16' | 'f32';
const gradient = (runtime: Runtime, type: GradientType, count: number): number => {
  if (type === 'f32') return floats(runtime, count);
  return type === 'i16' ? int16s(runtime, count, 511) : int8s(runtime, count, 15);
};
const QMAX = { i8: 15, i16: 511, f32: 0 };
/** A pool of 2x2 behind the convolution. */
const POOLED = 5;
const argmax = (runtime: Runtime, count: number): number => put(runtime, Uint8Array.from(seeded().array(count, (r) => r.integer(0, 3))));

function dx(type: GradientType): KernelCase {
  return (runtime) => {
    const count = IMAGES * POOLED * CONV.cout;
    const dy = gradient(runtime, type, count);
    const bytes = IMAGES * P * CONV.cin * (type === 'f32' ? 4 : 2);
    const out = dirty(runtime, bytes);
    const weights = words(runtime, CONV.taps * 3 * CONV.cin);
    const parameters = [dy, argmax(runtime, count), weights, out, convShape(runtime), 2, QMAX[type]];
    return { items: 2 * GROUPS * bands, parameters, outputs: [[out, bytes]] };
  };
}

function dw(type: GradientType): KernelCase {
  return (runtime) => {
    const lanes = { i8: 64, i16: 32, f32: 16 }[type];
    const tiles = Math.ceil(CONV.cout / lanes);
    const count = tiles * IMAGES * POOLED * lanes;
    const dyT = gradient(runtime, type, count);
    const bytes = latent() * 4;
    const out = dirty(runtime, bytes);
    const parameters = [dyT, argmax(runtime, count), words(runtime, GROUPS * P * CONV.cin), out, convShape(runtime), 2, QMAX[type]];
    return { items: 2 * tiles, parameters, outputs: [[out, bytes]] };
  };
}

/** f32 convolutions: 70 -> 75 channels; bands of 8 rows are counted through all groups. */
const REAL = { cin: 70, cout: 75, filter: 630, bands: 3 };
const realShape = (runtime: Runtime): number =>
  put(runtime, Int32Array.of(GROUPS, CONV.height, CONV.width, REAL.cin, CONV.height, CONV.width, REAL.cout, 3, 3, 1, 1));

function realForward(runtime: Runtime): { y: [number, number]; operands: number[]; items: number } {
  const bytes = IMAGES * P * REAL.cout * 4;
  const y = dirty(runtime, bytes);
  const operands = [floats(runtime, IMAGES * P * REAL.cin), floats(runtime, REAL.cout * REAL.filter), floats(runtime, REAL.cout), y];
  return { y: [y, bytes], operands, items: 2 * REAL.bands };
}

/** update kernels: 10,000 elements, three items. */
const ELEMENTS = 10000;

function update(arrays: number, rest: number[]): KernelCase {
  return (runtime) => {
    const w = floats(runtime, ELEMENTS);
    const gradient = floats(runtime, ELEMENTS, -2, 2);
    const state = Array.from({ length: arrays }, () => floats(runtime, ELEMENTS, 0, 0.5));
    const outputs = [w, ...state].map((pointer): [number, number] => [pointer, ELEMENTS * 4]);
    return { items: 3, parameters: [w, gradient, ...state, ELEMENTS, ...rest], outputs };
  };
}

/** Updates that look at whole filters: 75 filters in three tiles, 70 rows, more than a chunk and no multiple of four. */
const FILTERS = { cout: 75, rows: 70 };

function updateFilters(rest: number[]): KernelCase {
  return (runtime) => {
    const count = 96 * FILTERS.rows;
    const [w, gradient, v] = [floats(runtime, count), floats(runtime, count, -2, 2), floats(runtime, count, -1, 0.5)];
    const outputs = [w, v].map((pointer): [number, number] => [pointer, count * 4]);
    return { items: 3, parameters: [w, gradient, v, FILTERS.rows, ...rest], outputs };
  };
}

/** A pass over the filters of latent weights; outputs: bytes per tile of 32 filters. */
function perFilter(outputs: number[], rest: number[]): KernelCase {
  return (runtime) => {
    const w = floats(runtime, 96 * FILTERS.rows);
    const own = outputs.map((bytes): [number, number] => [dirty(runtime, 3 * bytes), 3 * bytes]);
    return { items: 3, parameters: [w, ...own.map(([pointer]) => pointer), FILTERS.rows, ...rest], outputs: own };
  };
}

/** A gradient on its way to latent weights, in place, with two numbers per filter. */
function latentDw(rest: number[]): KernelCase {
  return (runtime) => {
    const count = 96 * FILTERS.rows;
    const [gradient, w] = [floats(runtime, count), floats(runtime, count, -2, 2)];
    const parameters = [gradient, w, floats(runtime, 96), floats(runtime, 96), FILTERS.rows, ...rest];
    return { items: 3, parameters, outputs: [[gradient, count * 4]] };
  };
}

function random(rest: number[]): KernelCase {
  return (runtime) => {
    const out = dirty(runtime, ELEMENTS * 4);
    return { items: 3, parameters: [out, 1, 2, 3, 4, ...rest, ELEMENTS], outputs: [[out, ELEMENTS * 4]] };
  };
}

export const KERNEL_CASES: Record<string, KernelCase> = {
  conv2d_b1b1_i16: (runtime) => {
    const planes = put(runtime, Int8Array.from(seeded().array(IMAGES * P * CONV.cin, (r) => r.sign())));
    const bytes = IMAGES * P * CONV.cout * 2;
    const y = dirty(runtime, bytes);
    return {
      items: 2 * GROUPS * bands,
      parameters: [planes, words(runtime, CONV.taps * 3 * CONV.cout), y, convShape(runtime)],
      outputs: [[y, bytes]],
    };
  },
  conv2d_f32b1_f32: (runtime) => {
    const bytes = IMAGES * P * CONV.cout * 4;
    const y = dirty(runtime, bytes);
    return {
      items: 2 * GROUPS * bands,
      parameters: [floats(runtime, IMAGES * P * CONV.cin), words(runtime, CONV.taps * 3 * CONV.cout), y, convShape(runtime)],
      outputs: [[y, bytes]],
    };
  },
  conv2d_i8b1_i16: (runtime) => {
    const bytes = IMAGES * P * CONV.cout * 2;
    const y = dirty(runtime, bytes);
    const x = int8s(runtime, IMAGES * P * CONV.cin, 7);
    return {
      items: 2 * GROUPS * bands,
      parameters: [x, words(runtime, CONV.taps * 3 * CONV.cout), y, convShape(runtime), 7],
      outputs: [[y, bytes]],
    };
  },
  add_scaled_i32: (runtime) => {
    const y = floats(runtime, ELEMENTS);
    return { items: 3, parameters: [y, floats(runtime, ELEMENTS, 1, 2), ELEMENTS, 4], outputs: [[y, ELEMENTS * 4]] };
  },
  to_latent_f32: (runtime) => {
    const out = dirty(runtime, 96 * FILTERS.rows * 4);
    const parameters = [floats(runtime, FILTERS.cout * FILTERS.rows), out, FILTERS.cout, FILTERS.rows];
    return { items: 3, parameters, outputs: [[out, 96 * FILTERS.rows * 4]] };
  },
  unpack_b1_f32: (runtime) => {
    const bytes = CONV.cout * CONV.taps * CONV.cin * 4;
    const out = dirty(runtime, bytes);
    const parameters = [words(runtime, CONV.taps * 3 * CONV.cout), out, CONV.cout, CONV.taps, CONV.cin];
    return { items: 5, parameters, outputs: [[out, bytes]] };
  },
  conv2d_i8b1_i16_dx: dx('i8'),
  conv2d_i16b1_i16_dx: dx('i16'),
  conv2d_f32b1_f32_dx: dx('f32'),
  conv2d_i8b1_i32_dw: dw('i8'),
  conv2d_i16b1_i32_dw: dw('i16'),
  conv2d_f32b1_f32_dw: dw('f32'),
  ...BLOCK_KERNEL_CASES,
  ...REAL_WEIGHT_CASES,
  conv2d_f32f32_f32: (runtime) => {
    const { y, operands, items } = realForward(runtime);
    const bytes = REAL.bands * REAL.cout * 32;
    const statistics = dirty(runtime, bytes);
    return {
      items,
      parameters: [...operands, statistics, putMasks(runtime, IMAGES, 65).words, realShape(runtime)],
      outputs: [y, [statistics, bytes]],
    };
  },
  conv2d_f32f32_b1: (runtime) => {
    const { y, operands, items } = realForward(runtime);
    const bytes = IMAGES * P * REAL.cout;
    const [planes, bits] = [dirty(runtime, bytes), dirty(runtime, bytes / 8)];
    const thresholds = realThresholds(runtime, REAL.cout);
    return {
      items,
      parameters: [...operands, planes, bits, thresholds, putMasks(runtime, IMAGES, 65).bytes, realShape(runtime)],
      outputs: [y, [planes, bytes], [bits, bytes / 8]],
    };
  },
  conv2d_f32f32_f32_dx: (runtime) => {
    const bytes = IMAGES * P * REAL.cin * 4;
    const out = dirty(runtime, bytes);
    const parameters = [floats(runtime, IMAGES * P * REAL.cout), floats(runtime, REAL.cout * REAL.filter), out, realShape(runtime)];
    return { items: 2 * REAL.bands, parameters, outputs: [[out, bytes]] };
  },
  conv2d_f32f32_f32_dw: (runtime) => {
    const bytes = REAL.cout * REAL.filter * 4;
    const out = dirty(runtime, bytes);
    const parameters = [floats(runtime, IMAGES * P * REAL.cout), floats(runtime, IMAGES * P * REAL.cin), out, realShape(runtime)];
    return { items: Math.ceil(REAL.cout / 16) * Math.ceil(REAL.filter / 128), parameters, outputs: [[out, bytes]] };
  },
  bias_f32_dw: (runtime) => {
    const out = dirty(runtime, BLOCK.channels * 4);
    const parameters = [blockX(runtime, 'f32'), out, GROUPS, BLOCK.positions, BLOCK.channels];
    return { items: BLOCK.channels, parameters, outputs: [[out, BLOCK.channels * 4]] };
  },
  cross_entropy_f32: (runtime) => {
    const labels = put(runtime, Int32Array.from(seeded().array(IMAGES, (r) => r.integer(0, 9))));
    const [losses, gradient] = [dirty(runtime, IMAGES * 8), dirty(runtime, IMAGES * 40)];
    return {
      items: GROUPS,
      parameters: [floats(runtime, IMAGES * 10, -9, 9), labels, losses, gradient, 10, 100, 0.1],
      outputs: [
        [losses, IMAGES * 8],
        [gradient, IMAGES * 40],
      ],
    };
  },
  input_u8_f32: (runtime) => {
    const images = put(runtime, Uint8Array.from(seeded().array(100 * 150, (r) => r.integer(0, 255))));
    const x = dirty(runtime, IMAGES * 150 * 4);
    return { items: GROUPS * 3, parameters: [images, floats(runtime, 768), x, 150, 3, 100], outputs: [[x, IMAGES * 150 * 4]] };
  },
  input_f32_f32: (runtime) => {
    const x = dirty(runtime, IMAGES * 150 * 4);
    return { items: GROUPS * 3, parameters: [floats(runtime, 100 * 150), x, 150, 100], outputs: [[x, IMAGES * 150 * 4]] };
  },
  dequantize_i32_f32: (runtime) => {
    const out = put(runtime, Int32Array.from(seeded().array(96 * 50, (r) => r.integer(-1e6, 1e6))));
    return { items: 3, parameters: [out, floats(runtime, 96, 0.001, 0.002), 50], outputs: [[out, 96 * 200]] };
  },
  random_uniform_f32: random([-1, 3]),
  random_normal_f32: random([0.5]),
  sample_vispa: (runtime) => {
    const [cin, cout, taps, rank] = [70, 130, 3, 2];
    const count = 160 * taps * cin;
    const bytes = [taps * 2 * cout * 8, taps * 3 * cin * 8, taps * 3 * cin * 8, 18 * 8];
    const mode = words(runtime, bytes[2] / 8);
    const outputs = bytes.map((n, i): [number, number] => [i === 2 ? mode : dirty(runtime, n), n]);
    const [m, z, noise] = [floats(runtime, count), floats(runtime, count * rank), floats(runtime, rank)];
    return { items: 18, parameters: [m, z, noise, ...outputs.map(([pointer]) => pointer), cin, cout, taps, rank], outputs };
  },
  update_vispa_sgd: (runtime) => {
    const [cin, cout, taps, rank] = [70, 130, 3, 2];
    const size = 160 * taps * cin;
    const [m, z] = [floats(runtime, size), floats(runtime, size * rank)];
    const velocities = [0, 1, 2].map(() => floats(runtime, size));
    const step = put(runtime, new Uint8Array(64));
    const tables = [put(runtime, Uint32Array.from(velocities)), put(runtime, Float32Array.of(1, -0.5, 0.8))];
    const gradient = floats(runtime, size);
    runtime.arena.u32(step, 8).set([gradient, m, z, ...tables, rank, size * 4, 1]);
    runtime.arena.f32(step + 32, 5).set([0.01, 0.9, 0.1, 0.9, 4]);
    const bytes = [taps * 2 * cout * 8, taps * 3 * cin * 8, taps * 3 * cin * 8, 18 * 8];
    const mode = words(runtime, bytes[2] / 8);
    const packed = bytes.map((n, i): [number, number] => [i === 2 ? mode : dirty(runtime, n), n]);
    const arrays = [m, ...velocities].map((pointer): [number, number] => [pointer, size * 4]);
    return {
      items: 18,
      parameters: [step, floats(runtime, rank), ...packed.map(([pointer]) => pointer), cin, cout, taps, rank],
      outputs: [...packed, ...arrays, [z, size * rank * 4]],
    };
  },
  normalize_vispa: (runtime) => {
    const [m, z] = [floats(runtime, ELEMENTS), floats(runtime, ELEMENTS * 2)];
    return {
      items: 3,
      parameters: [m, z, ELEMENTS, 2, 4],
      outputs: [
        [m, ELEMENTS * 4],
        [z, ELEMENTS * 8],
      ],
    };
  },
  sample_filters: (runtime) => {
    const [cin, cout, taps] = [70, 130, 3];
    const bytes = [taps * 2 * cout * 8, taps * 3 * cin * 8, taps * 3 * cin * 8, 18 * 8];
    const mode = words(runtime, bytes[2] / 8);
    const outputs = bytes.map((n, i): [number, number] => [i === 2 ? mode : dirty(runtime, n), n]);
    const operands = [floats(runtime, 160 * taps * cin), floats(runtime, 160, -0.3, 0.3), floats(runtime, 160, 0.3, 0.7)];
    return { items: 18, parameters: [...operands, ...outputs.map(([pointer]) => pointer), cin, cout, taps], outputs };
  },
  sample_i16: (runtime) => {
    const [cin, cout, taps] = [70, 130, 3];
    const bytes = [taps * 2 * cout * 8, taps * 3 * cin * 8, taps * 3 * cin * 8, 18 * 8];
    const mode = words(runtime, bytes[2] / 8);
    const outputs = bytes.map((n, i): [number, number] => [i === 2 ? mode : dirty(runtime, n), n]);
    const w = int16s(runtime, 160 * taps * cin, 9);
    return { items: 18, parameters: [w, ...outputs.map(([pointer]) => pointer), cin, cout, taps], outputs };
  },
  filter_moments: perFilter([128, 512], [1]),
  filter_rank: (runtime) => {
    const out = dirty(runtime, 96 * 4);
    const parameters = [floats(runtime, 96 * FILTERS.rows), floats(runtime, 96), out, FILTERS.rows, 35];
    return { items: 3, parameters, outputs: [[out, 96 * 4]] };
  },
  gate_dw: latentDw([1]),
  standardize_dw: latentDw([1, 0.5, 2]),
  update_bop: update(1, [0.9, 0.1, 0.01]),
  update_bayesbinn: (runtime) => {
    const [lambda, mu, gradient, m] = [
      floats(runtime, ELEMENTS),
      floats(runtime, ELEMENTS),
      floats(runtime, ELEMENTS),
      floats(runtime, ELEMENTS),
    ];
    return {
      items: 3,
      parameters: [lambda, mu, gradient, floats(runtime, ELEMENTS), m, ELEMENTS, 1e-10, 10, 1, 0.9, 0.1, 0.01],
      outputs: [
        [lambda, ELEMENTS * 4],
        [m, ELEMENTS * 4],
      ],
    };
  },
  tanh_f32: (runtime) => {
    const y = dirty(runtime, ELEMENTS * 4);
    return { items: 3, parameters: [floats(runtime, ELEMENTS, -12, 12), y, ELEMENTS], outputs: [[y, ELEMENTS * 4]] };
  },
  add_i32: (runtime) => {
    const y = floats(runtime, ELEMENTS);
    return { items: 3, parameters: [y, floats(runtime, ELEMENTS), ELEMENTS], outputs: [[y, ELEMENTS * 4]] };
  },
  add_scaled_f32: (runtime) => {
    const y = floats(runtime, ELEMENTS);
    return { items: 3, parameters: [y, floats(runtime, ELEMENTS), ELEMENTS, 0.3, 1], outputs: [[y, ELEMENTS * 4]] };
  },
  sign_f32: (runtime) => {
    const w = floats(runtime, ELEMENTS, -2, 2);
    return { items: 3, parameters: [w, ELEMENTS, 10], outputs: [[w, ELEMENTS * 4]] };
  },
  norm_squares: (runtime) => {
    const sums = dirty(runtime, 24);
    return { items: 3, parameters: [floats(runtime, ELEMENTS), sums, ELEMENTS], outputs: [[sums, 24]] };
  },
  norm_scale: (runtime) => {
    const x = floats(runtime, ELEMENTS);
    return { items: 3, parameters: [x, ELEMENTS, 0.3], outputs: [[x, ELEMENTS * 4]] };
  },
  average_f32: (runtime) => {
    const average = floats(runtime, ELEMENTS, 1, 2);
    return { items: 3, parameters: [floats(runtime, ELEMENTS), average, ELEMENTS, 0.1], outputs: [[average, ELEMENTS * 4]] };
  },
  update_adam: update(2, [1, 0.99, 0.9, 0.1, 0.999, 0.001, 0.01, 0.5, 1e-8]),
  update_sgd: update(1, [1, 0.01, 0.9, 0.1, 1]),
  update_nsgd: updateFilters([-1.5, 0.99, 0.9, 0.01, 0.2]),
  update_nsgd_i16: (runtime) => {
    const count = 96 * FILTERS.rows;
    const [w, q] = [int16s(runtime, count, 32767), int16s(runtime, count, 32767)];
    const [gradient, scales, noise] = [floats(runtime, count, -2, 2), floats(runtime, 96, 0, 1e-4), floats(runtime, 4096 + 32, 0, 1)];
    const outputs: [number, number][] = [
      [w, count * 2],
      [q, count * 2],
      [scales, 96 * 4],
    ];
    return { items: 3, parameters: [w, gradient, q, scales, noise, FILTERS.rows, 0.9, 0.01, 0.2], outputs };
  },
  update_muon: updateFilters([FILTERS.cout, 16, 2, -1.5, 0.99, 0.9, 0.01, 0.2]),
  clip_f32: (runtime) => {
    const w = floats(runtime, ELEMENTS, -2, 2);
    return { items: 3, parameters: [w, ELEMENTS, 1], outputs: [[w, ELEMENTS * 4]] };
  },
};
