/**
 * Calls of the kernels between two products, with sizes that make several work items of different length.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { putConstants, putMasks, randomConstants } from './block.js';
import { dirty, put } from './memory.js';
import { floats, GROUPS, IMAGES, int16s, type KernelCase, seeded } from './operands.js';

/** Blocks: a 5x7 map, 70 channels in three tiles. */
export const BLOCK = { height: 5, width: 7, channels: 70, positions: 35, tiles: 3 };
const VALUES = IMAGES * BLOCK.positions * BLOCK.channels;
export const blockX = (runtime: Runtime, type: string): number =>
  type === 'i16' ? int16s(runtime, VALUES, 100) : floats(runtime, VALUES, -100, 100);
const constants = (runtime: Runtime): number =>
  putConstants(
    runtime,
    randomConstants(seeded(), BLOCK.channels, 50, 'prelu', true).map((q) => ({ ...q, inverse: 200 })),
  );

/** f32 t and a flip of the sign for every third channel. */
export function realThresholds(runtime: Runtime, channels: number): number {
  const words = new Uint32Array(channels * 2);
  const floats = new Float32Array(words.buffer);
  const random = seeded();
  for (let c = 0; c < channels; c++) {
    floats[2 * c] = random.f32(-0.5, 0.5);
    words[2 * c + 1] = c % 3 === 0 ? 0x80000000 : 0;
  }
  return put(runtime, words);
}

function statistics(type: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const out = dirty(runtime, BLOCK.channels * 32);
    const mask = type === 'f32' ? [putMasks(runtime, IMAGES, 65).words] : [];
    const parameters = [blockX(runtime, type), ...mask, out, GROUPS, BLOCK.positions, BLOCK.channels];
    return { items: BLOCK.tiles, parameters, outputs: [[out, BLOCK.channels * 32]] };
  };
}

function pool(type: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const pooled = IMAGES * 6 * BLOCK.channels;
    const bytes = pooled * (type === 'i16' ? 2 : 4);
    const [y, argmax] = [dirty(runtime, bytes), dirty(runtime, pooled)];
    const negate = put(
      runtime,
      Int16Array.from({ length: BLOCK.channels }, (_, c) => -(c & 1)),
    );
    const outputs: [number, number][] = [
      [y, bytes],
      [argmax, pooled],
    ];
    const statistics: number[] = [];
    if (type === 'f32') {
      const size = GROUPS * BLOCK.channels * 32;
      statistics.push(dirty(runtime, size), putMasks(runtime, IMAGES, 65).words);
      outputs.push([statistics[0], size]);
    }
    const sizes = [GROUPS, BLOCK.height, BLOCK.width, BLOCK.channels, 2, 2];
    return { items: BLOCK.tiles * GROUPS, parameters: [blockX(runtime, type), y, argmax, negate, ...statistics, ...sizes], outputs };
  };
}

function signs(type: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const [planes, bits] = [dirty(runtime, VALUES), dirty(runtime, VALUES / 8)];
    const perChannel = type === 'i16' ? int16s(runtime, BLOCK.channels * 2, 100) : realThresholds(runtime, BLOCK.channels);
    const parameters = [
      blockX(runtime, type),
      planes,
      bits,
      perChannel,
      putMasks(runtime, IMAGES, 65).bytes,
      GROUPS,
      BLOCK.positions,
      BLOCK.channels,
    ];
    return {
      items: BLOCK.tiles * GROUPS,
      parameters,
      outputs: [
        [planes, VALUES],
        [bits, VALUES / 8],
      ],
    };
  };
}

function activation(type: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const y = dirty(runtime, VALUES * 4);
    const parameters = [blockX(runtime, type), y, constants(runtime), GROUPS, BLOCK.positions, BLOCK.channels];
    return { items: BLOCK.tiles * GROUPS, parameters, outputs: [[y, VALUES * 4]] };
  };
}

function blockSums(x: 'i16' | 'f32', g: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const [sums, images, dead] = [
      dirty(runtime, BLOCK.channels * 32),
      dirty(runtime, BLOCK.tiles * IMAGES * 4),
      dirty(runtime, BLOCK.channels * 4),
    ];
    const gradient = g === 'i16' ? int16s(runtime, VALUES, 511) : floats(runtime, VALUES);
    const scale = floats(runtime, IMAGES, 0.001, 0.002);
    const parameters = [
      gradient,
      scale,
      blockX(runtime, x),
      constants(runtime),
      sums,
      images,
      dead,
      putMasks(runtime, IMAGES, 65).words,
      GROUPS,
      BLOCK.positions,
      BLOCK.channels,
    ];
    return {
      items: BLOCK.tiles,
      parameters,
      outputs: [
        [sums, BLOCK.channels * 32],
        [images, BLOCK.tiles * IMAGES * 4],
        [dead, BLOCK.channels * 4],
      ],
    };
  };
}

/** What the kernels of both kinds of blocks take first. */
function gradientOperands(runtime: Runtime, x: 'i16' | 'f32', g: 'i16' | 'f32'): number[] {
  return [
    g === 'i16' ? int16s(runtime, VALUES, 511) : floats(runtime, VALUES),
    floats(runtime, IMAGES, 0.001, 0.002),
    blockX(runtime, x),
    constants(runtime),
    put(runtime, Uint8Array.from(seeded().array(VALUES, (r) => r.integer(0, 3)))),
    putMasks(runtime, IMAGES, 65).words,
  ];
}

/** The gradient times a curved surrogate. */
function surrogate(x: 'i16' | 'f32', g: 'i16' | 'f32', parameters: number[]): KernelCase {
  return (runtime) => {
    const out = dirty(runtime, VALUES * 4);
    const operands = gradientOperands(runtime, x, g).slice(0, 4);
    const sizes = [GROUPS, BLOCK.positions, BLOCK.channels];
    return { items: BLOCK.tiles * GROUPS, parameters: [...operands, out, ...sizes, ...parameters], outputs: [[out, VALUES * 4]] };
  };
}

/** Of activations of three bits. */
function quantizeDx(g: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const [dx, sums] = [dirty(runtime, VALUES * 4), dirty(runtime, BLOCK.tiles * GROUPS * 8)];
    const [dq, scale, x] = gradientOperands(runtime, 'f32', g);
    return {
      items: BLOCK.tiles * GROUPS,
      parameters: [dq, scale, x, dx, sums, GROUPS, BLOCK.positions, BLOCK.channels, 3, 0.05, 10],
      outputs: [
        [dx, VALUES * 4],
        [sums, BLOCK.tiles * GROUPS * 8],
      ],
    };
  };
}

/** Behind a binary product and a pool. */
function blockDx(g: 'i16' | 'f32', q: 'i8' | 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const lanes = { i8: 64, i16: 32, f32: 16 }[q];
    const padded = Math.ceil(BLOCK.channels / lanes) * lanes * IMAGES * BLOCK.positions;
    const bytes = [(VALUES * 64) / lanes, (padded * 64) / lanes, padded];
    const outputs = bytes.map((n): [number, number] => [dirty(runtime, n), n]);
    const parameters = [
      ...gradientOperands(runtime, 'i16', g),
      floats(runtime, IMAGES, 100, 200),
      floats(runtime, 4160, -0.5, 0.5),
      ...outputs.map(([pointer]) => pointer),
      GROUPS,
      BLOCK.positions,
      BLOCK.channels,
      { i8: 15, i16: 511, f32: 0 }[q],
    ];
    return { items: BLOCK.tiles * GROUPS, parameters, outputs };
  };
}

/** Behind a float product and a 2x2 pool of 11x14 maps, so that a row is left over. */
function blockDxReal(g: 'i16' | 'f32'): KernelCase {
  return (runtime) => {
    const bytes = IMAGES * 11 * 14 * BLOCK.channels * 4;
    const out = dirty(runtime, bytes);
    const shape = put(runtime, Int32Array.of(GROUPS, 11, 14, BLOCK.channels, 2, 2));
    return { items: BLOCK.tiles * GROUPS, parameters: [...gradientOperands(runtime, 'f32', g), out, shape], outputs: [[out, bytes]] };
  };
}

/** A 3x3 convolution of 2 channels on 11x14 maps behind a 2x2 pool, 5x7: du and its sums without the pool, dx with it. */
function blockDw(g: 'i16' | 'f32', pooled: boolean): KernelCase {
  return (runtime) => {
    const [height, width] = pooled ? [11, 14] : [BLOCK.height, BLOCK.width];
    const filter = 18;
    const bands = 2;
    const size = bands * BLOCK.channels;
    const parts = dirty(runtime, size * filter * 4);
    const sums = dirty(runtime, size * 32);
    const outputs: [number, number][] = [[parts, size * filter * 4]];
    if (!pooled) outputs.push([sums, size * 32]);
    return {
      items: Math.ceil(BLOCK.channels / 16) * bands,
      parameters: [
        g === 'i16' ? int16s(runtime, VALUES, 511) : floats(runtime, VALUES),
        floats(runtime, IMAGES, 0.001, 0.002),
        blockX(runtime, 'f32'),
        constants(runtime),
        put(runtime, Uint8Array.from(seeded().array(VALUES, (r) => r.integer(0, 3)))),
        putMasks(runtime, IMAGES, 65).words,
        floats(runtime, IMAGES * height * width * 2),
        parts,
        pooled ? 0 : sums,
        put(runtime, Int32Array.of(GROUPS, height, width, 2, height, width, BLOCK.channels, 3, 3, 1, 1)),
        pooled ? 2 : 1,
      ],
      outputs,
    };
  };
}

/** A filter of 18 weights, 70 channels, three bands. */
const MOMENTS = { filter: 18, bands: 3 };

export const BLOCK_KERNEL_CASES: Record<string, KernelCase> = {
  statistics_i16: statistics('i16'),
  statistics_f32: statistics('f32'),
  max_pool2d_i16: pool('i16'),
  max_pool2d_f32: pool('f32'),
  threshold_i16_b1: signs('i16'),
  threshold_f32_b1: signs('f32'),
  activation_i16_f32: activation('i16'),
  activation_f32_f32: activation('f32'),
  block_sums_i16i16: blockSums('i16', 'i16'),
  block_sums_i16f32: blockSums('i16', 'f32'),
  block_sums_f32i16: blockSums('f32', 'i16'),
  block_sums_f32f32: blockSums('f32', 'f32'),
  block_dx_i16i16_i8: blockDx('i16', 'i8'),
  block_dx_i16f32_i8: blockDx('f32', 'i8'),
  block_dx_i16i16_i16: blockDx('i16', 'i16'),
  block_dx_i16f32_i16: blockDx('f32', 'i16'),
  block_dx_i16i16_f32: blockDx('i16', 'f32'),
  block_dx_i16f32_f32: blockDx('f32', 'f32'),
  block_dx_f32i16_f32: blockDxReal('i16'),
  block_dx_f32f32_f32: blockDxReal('f32'),
  conv2d_block_dw_f32i16: blockDw('i16', false),
  conv2d_block_dw_f32f32: blockDw('f32', true),
  patch_moments_f32: (runtime) => {
    const bytes = MOMENTS.bands * (MOMENTS.filter + 1) * MOMENTS.filter * 8;
    const parts = dirty(runtime, bytes);
    const shape = put(runtime, Int32Array.of(GROUPS, 10, 7, 2, 10, 7, 5, 3, 3, 1, 1));
    return { items: MOMENTS.bands, parameters: [floats(runtime, IMAGES * 140), parts, shape], outputs: [[parts, bytes]] };
  },
  patch_moments_y: (runtime) => {
    const { filter, bands } = MOMENTS;
    const { channels } = BLOCK;
    const moments = put(
      runtime,
      seeded().array(bands * (filter + 1) * filter, (r) => r.f32(-9, 9)),
    );
    const [products, statistics] = [dirty(runtime, (channels + 1) * filter * 8), dirty(runtime, channels * 32)];
    const operands = [moments, floats(runtime, channels * filter), floats(runtime, channels)];
    return {
      items: Math.ceil(channels / 16),
      parameters: [...operands, products, statistics, 8960, bands, filter, channels],
      outputs: [
        [products, (channels + 1) * filter * 8],
        [statistics, channels * 32],
      ],
    };
  },
  patch_moments_dw: (runtime) => {
    const { filter, bands } = MOMENTS;
    const { channels } = BLOCK;
    const products = put(
      runtime,
      seeded().array((channels + 1) * filter, (r) => r.f32(-9, 9)),
    );
    const dw = dirty(runtime, channels * filter * 4);
    return {
      items: Math.ceil(channels / 16),
      parameters: [floats(runtime, bands * channels * filter), constants(runtime), products, dw, bands, filter, channels],
      outputs: [[dw, channels * filter * 4]],
    };
  },
  ...Object.fromEntries(
    (['i16', 'f32'] as const).flatMap((x) =>
      (['i16', 'f32'] as const).flatMap((g): [string, KernelCase][] => [
        [`surrogate_ede_${x}${g}`, surrogate(x, g, [0.7, 1])],
        [`surrogate_swish_${x}${g}`, surrogate(x, g, [5])],
        [`surrogate_reste_${x}${g}`, surrogate(x, g, [0.1, 1.5, 0.5, 0.4, 3])],
      ]),
    ),
  ),
  quantize_f32_i8: (runtime) => {
    const [q, bits] = [dirty(runtime, VALUES), dirty(runtime, (VALUES / 8) * 3)];
    const sizes = [GROUPS, BLOCK.positions, BLOCK.channels, 3, 0.02];
    return {
      items: BLOCK.tiles * GROUPS,
      parameters: [blockX(runtime, 'f32'), q, bits, putMasks(runtime, IMAGES, 65).bytes, ...sizes],
      outputs: [
        [q, VALUES],
        [bits, (VALUES / 8) * 3],
      ],
    };
  },
  quantize_dx_i16: quantizeDx('i16'),
  quantize_dx_f32: quantizeDx('f32'),
};
