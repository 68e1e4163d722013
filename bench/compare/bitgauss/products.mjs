// Binary convolutions through the inference operations, as a model file's layers run, and a binary matrix product through the training kernels.
import { Runtime } from '../../../build/js/core/runtime.js';
import { planes } from '../../../build/js/inference/activation.js';
import { OpReader } from '../../../build/js/inference/op-reader.js';
import { OPS } from '../../../build/js/inference/ops/registry.js';
import { InferenceRuntime } from '../../../build/js/inference/runtime.js';
import { signs, thresholds, transpose } from '../data.mjs';

/** U8 [rows][length / 8]: bit i of byte j = number 8 j + i of a row of ±1, 1 where it is -1. `length` is a multiple of 8. */
function packBits(values) {
  const bytes = new Uint8Array(values.length / 8);
  values.forEach((value, i) => {
    if (value < 0) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes;
}

const align = (bytes) => Math.ceil(bytes / 64) * 64;
const TYPES = { f32: Float32Array, int16: Int16Array, bits: Int8Array };

/** Operations one after the other, with their memory. `set` writes the input, `output` reads the result, [H][W][C] both. */
async function chain(input, headerOps, tensors) {
  const ops = [];
  let last = input;
  for (const [name, attributes] of headerOps) {
    const op = OPS.get(name)(new OpReader(name, { attributes: new Map(Object.entries(attributes)) }, tensors), last, 'lookup');
    ops.push(op);
    last = op.output;
  }
  const buffers = [input, ...ops.map(({ output }) => output)];
  const constants = ops.flatMap((op) => op.constants);
  const sizes = [...buffers.map(({ bytes }) => bytes), ...constants.map(({ byteLength }) => byteLength)].map(align);
  const workspaceBytes = Math.max(0, ...ops.map((op) => op.workspaceBytes));
  const runtime = await InferenceRuntime.create();
  const base = runtime.reserve(sizes.reduce((sum, bytes) => sum + bytes, 0) + align(workspaceBytes));
  const addresses = sizes.map((_, i) => base + sizes.slice(0, i).reduce((sum, bytes) => sum + bytes, 0));
  const { buffer } = runtime.memory;
  constants.forEach((values, i) => {
    new Uint8Array(buffer, addresses[buffers.length + i], values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  });
  const at = ops.map((op, i) => ({
    x: addresses[i] + buffers[i].offset,
    y: addresses[i + 1] + op.output.offset,
    constants: op.constants.map((values) => addresses[buffers.length + constants.indexOf(values)]),
    workspace: base + sizes.reduce((sum, bytes) => sum + bytes, 0),
  }));
  /** Calls visit(index in [H][W][C], index in planes). */
  const each = ({ kind, height, width, channels, stride }, visit) => {
    const step = stride / TYPES[kind].BYTES_PER_ELEMENT;
    for (let p = 0, i = 0; p < height * width; p++) for (let c = 0; c < channels; c++, i++) visit(i, c * step + p);
  };
  const view = (i) => new TYPES[buffers[i].kind](buffer, addresses[i] + buffers[i].offset);
  return {
    set(values) {
      const memory = view(0);
      each(input, (from, to) => {
        memory[to] = values[from];
      });
    },
    run() {
      for (let i = 0; i < ops.length; i++) ops[i].run(runtime.run, at[i]);
    },
    output() {
      const memory = view(ops.length);
      const result = new Float32Array(last.height * last.width * last.channels);
      each(last, (to, from) => {
        result[to] = memory[from];
      });
      return result;
    },
  };
}

export async function convolution({ size, cin, cout }) {
  const x = signs(size * size * cin, 1);
  const tensor = (dtype, shape, data) => ({ dtype, shape, data });
  const tensors = new Map([
    ['weight', tensor('U8', [cout, 3, 3, cin / 8], packBits(signs(cout * 9 * cin, 2)))],
    ['threshold', tensor('I16', [cout], thresholds(cout))],
    ['flip', tensor('U8', [cout], new Uint8Array(cout))],
    ['scale', tensor('F32', [cout], new Float32Array(cout).fill(1))],
    ['shift', tensor('F32', [cout], new Float32Array(cout))],
  ]);
  const product = ['conv2d_b1b1', { weight: 'weight', cin, stride: 1, padding: 1 }];
  const bits = await chain(planes('bits', size, size, cin), [product, ['threshold', { threshold: 'threshold', flip: 'flip' }]], tensors);
  const real = await chain(
    planes('f32', size, size, cin),
    [['sign', {}], product, ['affine', { scale: 'scale', shift: 'shift' }]],
    tensors,
  );
  bits.set(x);
  real.set(x);
  return [
    { name: 'bitgauss', what: '±1 in, convolution, threshold, ±1 out', check: 'signs', ...bits },
    { name: 'bitgauss, f32 in and out', what: 'f32 in, sign, convolution, affine, f32 out', check: 'sums', ...real },
  ];
}

/** 1,024 rows are 16 groups of 64 lanes; a matrix product is a 1x1 convolution of 1x1 maps. */
export async function gemm({ M, N, K }) {
  const runtime = await Runtime.create();
  const { arena } = runtime;
  const groups = M / 64;
  const [x, words, y, shape] = [M * K, (N * K) / 8, M * N * 2, 44].map((bytes) => arena.allocate(bytes, 'data'));
  const rows = signs(M * K, 1);
  for (let g = 0; g < groups; g++)
    arena.i8(x + g * 64 * K, 64 * K).set(Int8Array.from(transpose(rows.subarray(g * 64 * K, (g + 1) * 64 * K), 64, K)));
  const packed = packBits(signs(N * K, 2));
  // From [N][K / 64] words to [K / 64][N].
  new BigUint64Array(arena.memory.buffer, words, packed.length / 8).set(transpose(new BigUint64Array(packed.buffer), N, K / 64));
  arena.i32(shape, 11).set([groups, 1, 1, K, 1, 1, N, 1, 1, 1, 0]);
  return [
    {
      name: 'bitgauss',
      what: 'training kernel conv2d_b1b1_i16: ±1 planes of 64 rows times packed bits, int16 out',
      check: 'sums',
      run: () => runtime.run('conv2d_b1b1_i16', Math.ceil(N / 512) * groups, x, words, y, shape),
      output() {
        const result = new Float32Array(M * N);
        const sums = arena.i16(y, M * N);
        for (let m = 0; m < M; m++) for (let n = 0; n < N; n++) result[m * N + n] = sums[((m >> 6) * N + n) * 64 + (m & 63)];
        return result;
      },
    },
  ];
}
