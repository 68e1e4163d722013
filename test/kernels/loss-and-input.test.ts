import { describe, expect, it } from 'vitest';
import { fromBatchMinor, toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { crossEntropy } from '../oracle/network.js';

describe('cross_entropy_f32', () => {
  it.each([
    [1, 1, 3, 0],
    [2, 64, 3, 0],
    [10, 65, 8, 0],
    [10, 128, 80, 0],
    [1000, 63, 20, 0],
    [3, 70, 5, 0.1],
    [10, 64, 30, 0.4],
  ])('%i classes, %i images, logits within ±%d, label smoothing %d', async (classes, count, range, smoothing) => {
    const runtime = await createRuntime();
    const random = new TestRandom(classes);
    const images = Math.ceil(count / 64) * 64;
    const logits = random.array(images * classes, (r) => r.f32(-range, range));
    const labels = Int32Array.from(random.array(images, (r) => r.integer(0, classes - 1)));
    const at = put(runtime, toBatchMinor(logits, images, 1, classes, new Float32Array(logits.length)));
    const [losses, gradient] = [dirty(runtime, images * 8), dirty(runtime, logits.length * 4)];
    runtime.run('cross_entropy_f32', images / 64, at, put(runtime, labels), losses, gradient, classes, count, smoothing);
    const expected = crossEntropy(logits.subarray(0, count * classes), labels.subarray(0, count), classes, smoothing);
    const padded = (values: Float64Array, length: number): Float64Array => Float64Array.from({ length }, (_, i) => values[i] ?? 0);
    expect(difference(runtime.arena.f64(losses, images), padded(expected.losses, images), 1e-12)).toBeUndefined();
    const actual = fromBatchMinor(runtime.arena.f32(gradient, logits.length), images, 1, classes);
    expect(difference(actual, padded(expected.gradient, logits.length), 2 ** -24 / count)).toBeUndefined();
  });

  it('huge logits neither overflow nor lose the loss', async () => {
    const runtime = await createRuntime();
    const logits = toBatchMinor([1e30, -1e30, 0], 1, 1, 3, new Float32Array(192));
    const at = put(runtime, logits);
    const [losses, gradient] = [dirty(runtime, 512), dirty(runtime, 768)];
    runtime.run('cross_entropy_f32', 1, at, put(runtime, Int32Array.of(1)), losses, gradient, 3, 1, 0);
    expect(runtime.arena.f64(losses, 1)[0]).toBe(2 * Math.fround(1e30));
    expect([...fromBatchMinor(runtime.arena.f32(gradient, 192), 1, 1, 3)]).toEqual([1, -1, 0]);
  });
});

describe('input', () => {
  it.each([
    [1, 1, 1],
    [49, 1, 64],
    [65, 1, 65],
    [192, 3, 100],
  ])('%i features of %i channels, %i images', async (features, channels, count) => {
    const runtime = await createRuntime();
    const random = new TestRandom(features);
    const images = Math.ceil(count / 64) * 64;
    const pixels = random.array(count * features, (r) => r.integer(0, 255));
    const table = random.array(channels * 256, (r) => r.f32(-2, 2));
    const items = (images / 64) * Math.ceil(features / 64);
    const x = dirty(runtime, images * features * 4);
    const read = (): Float64Array => fromBatchMinor(runtime.arena.f32(x, images * features), images, 1, features);
    const tableAt = put(runtime, Float32Array.from(table));
    runtime.run('input_u8_f32', items, put(runtime, Uint8Array.from(pixels)), tableAt, x, features, channels, count);
    const expected = Float64Array.from({ length: images * features }, (_, k) =>
      k < pixels.length ? table[((k % features) % channels) * 256 + pixels[k]] : 0,
    );
    expect(difference(read(), expected)).toBeUndefined();
    runtime.run('input_f32_f32', items, put(runtime, Float32Array.from(pixels)), x, features, count);
    expect(
      difference(
        read(),
        Float64Array.from({ length: images * features }, (_, k) => pixels[k] ?? 0),
      ),
    ).toBeUndefined();
  });
});

it.each([1, 3])('dequantize_i32_f32, %i tiles', async (tiles) => {
  const runtime = await createRuntime();
  const random = new TestRandom(3);
  const rows = 27;
  const sums = random.array(tiles * rows * 32, (r) => r.integer(-(2 ** 31), 2 ** 31 - 1));
  const scale = random.array(tiles * 32, (r) => r.f32(0, 1e-3));
  const dw = put(runtime, Int32Array.from(sums));
  runtime.run('dequantize_i32_f32', tiles, dw, put(runtime, Float32Array.from(scale)), rows);
  const expected = sums.map((sum, k) => Math.fround(Math.fround(sum) * scale[Math.floor(k / (rows * 32)) * 32 + (k % 32)]));
  expect(difference(runtime.arena.f32(dw, sums.length), expected)).toBeUndefined();
});

it.each([
  [64, 1, 1],
  [64, 15, 33],
  [128, 4, 10],
])('bias_f32_dw: %i images, %i positions, %i channels', async (images, positions, channels) => {
  const runtime = await createRuntime();
  const dy = new TestRandom(4).array(images * positions * channels, (r) => r.f32(-1, 1));
  const at = put(runtime, toBatchMinor(dy, images, positions, channels, new Float32Array(dy.length)));
  const db = dirty(runtime, channels * 4);
  runtime.run('bias_f32_dw', channels, at, db, images / 64, positions, channels);
  const expected = Float64Array.from({ length: channels }, (_, c) =>
    dy.reduce((sum, value, k) => sum + (k % channels === c ? value : 0), 0),
  );
  // 18 f32 additions of values below 16 per row, and one rounding of the sum.
  expect(
    difference(runtime.arena.f32(db, channels), expected, (images / 64) * positions * 18 * 16 * 2 ** -25 + 64 * 2 ** -24),
  ).toBeUndefined();
});
