/**
 * One call of every kernel of weights that are real in training, with sizes that make several work items of different length.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { dirty, put } from './memory.js';
import { floats, GROUPS, IMAGES, type KernelCase, words } from './operands.js';

/** A 3x3 convolution of 7x3 maps, 70 -> 75 channels: two chunks of positions, five tiles of 16. */
const CONV = { height: 7, width: 3, cin: 70, cout: 75, rows: 630 };
const P = CONV.height * CONV.width;
const shape = (runtime: Runtime): number =>
  put(runtime, Int32Array.of(GROUPS, CONV.height, CONV.width, CONV.cin, CONV.height, CONV.width, CONV.cout, 3, 3, 1, 1));
const tiles = 5;
/** Elementwise kernels: 10,000 elements, three items. */
const ELEMENTS = 10000;

/** w from u, by numbers. */
function relax(...rest: number[]): KernelCase {
  return (runtime) => {
    const w = dirty(runtime, ELEMENTS * 4);
    return { items: 3, parameters: [floats(runtime, ELEMENTS, -2, 2), w, ELEMENTS, ...rest], outputs: [[w, ELEMENTS * 4]] };
  };
}

export const REAL_WEIGHT_CASES: Record<string, KernelCase> = {
  conv2d_b1f32_f32: (runtime) => {
    const bytes = IMAGES * P * CONV.cout * 4;
    const y = dirty(runtime, bytes);
    const operands = [words(runtime, IMAGES * P * 2), floats(runtime, 96 * CONV.rows), y, shape(runtime)];
    return { items: tiles * 2, parameters: operands, outputs: [[y, bytes]] };
  },
  transpose_b1: (runtime) => {
    const positions = 70;
    const bytes = positions * 2 * 512;
    const y = dirty(runtime, bytes);
    return { items: 2, parameters: [words(runtime, positions * 75), y, positions, 75], outputs: [[y, bytes]] };
  },
  transpose_f32: (runtime) => {
    const positions = 70;
    const bytes = tiles * positions * 4096;
    const y = dirty(runtime, bytes);
    return { items: tiles * 2, parameters: [floats(runtime, positions * 75 * 64), y, positions, 75], outputs: [[y, bytes]] };
  },
  transpose_filters: (runtime) => {
    const bytes = CONV.cout * CONV.rows * 4;
    const y = dirty(runtime, bytes);
    return { items: 3, parameters: [floats(runtime, 96 * CONV.rows), y, CONV.rows, CONV.cout], outputs: [[y, bytes]] };
  },
  relax_tanh: relax(1.5),
  relax_jump: relax(0.8, 0.3),
  relax_bernoulli: (runtime) => {
    const w = dirty(runtime, ELEMENTS * 4);
    const operands = [floats(runtime, ELEMENTS, -2, 2), floats(runtime, ELEMENTS), w, ELEMENTS, 0.5];
    return { items: 3, parameters: operands, outputs: [[w, ELEMENTS * 4]] };
  },
  prox_binary: (runtime) => {
    const w = floats(runtime, ELEMENTS, -2, 2);
    return { items: 3, parameters: [w, ELEMENTS, 0.2], outputs: [[w, ELEMENTS * 4]] };
  },
  rotate_filters: (runtime) => {
    const count = 96 * 70;
    const operands = [floats(runtime, count), floats(runtime, 96), floats(runtime, 96), floats(runtime, 49), floats(runtime, 100)];
    const outputs = [0, 1, 2].map((): [number, number] => [dirty(runtime, count * 4), count * 4]);
    return { items: 3, parameters: [...operands, ...outputs.map(([pointer]) => pointer), 7, 10], outputs };
  },
  rotate_mix: (runtime) => {
    const count = 96 * 70;
    const v = dirty(runtime, count * 4);
    const parameters = [floats(runtime, count), floats(runtime, count, -2, 2), floats(runtime, 96), v, 70];
    return { items: 3, parameters, outputs: [[v, count * 4]] };
  },
  rotate_dw: (runtime) => {
    const count = 96 * 70;
    const gradient = floats(runtime, count);
    const sums = dirty(runtime, 96 * 8);
    const operands = [floats(runtime, count), floats(runtime, count, -2, 2), floats(runtime, count, -1, 2), floats(runtime, 96)];
    const outputs: [number, number][] = [gradient, sums].map((pointer, i) => [pointer, i === 0 ? count * 4 : 96 * 8]);
    return { items: 3, parameters: [gradient, ...operands, sums, 70, 1.4, 1], outputs };
  },
  update_adaste: (runtime) => {
    const [theta, gradient, m] = [floats(runtime, ELEMENTS, -2, 2), floats(runtime, ELEMENTS), floats(runtime, ELEMENTS)];
    const outputs = [theta, m].map((pointer): [number, number] => [pointer, ELEMENTS * 4]);
    return { items: 3, parameters: [theta, gradient, m, ELEMENTS, 0.8, 1e-6, 0.9, 1.2, 0.4, 9, 0.9, 0.1, 0.01], outputs };
  },
  relax_tanh_dw: (runtime) => {
    const g = floats(runtime, ELEMENTS, -2, 2);
    return { items: 3, parameters: [g, floats(runtime, ELEMENTS), ELEMENTS, 3, 1.5], outputs: [[g, ELEMENTS * 4]] };
  },
};
