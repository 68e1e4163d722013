import { describe, expect, test } from 'vitest';
import { type ArrayDatasetOptions, arrayDataset } from '../../src/data/array-dataset.js';

const shape = { height: 2, width: 1, channels: 3 };
const pixels = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);

describe('arrayDataset', () => {
  test('reads samples in the order asked for and touches nothing else', () => {
    const dataset = arrayDataset({ images: pixels, labels: [2, 0, 1], shape });
    const images = new Uint8Array(14).fill(7);
    const labels = new Int32Array(3).fill(-5);
    dataset.read(Uint32Array.of(2, 0), { images, labels });
    expect([...images]).toEqual([120, 130, 140, 150, 160, 170, 0, 10, 20, 30, 40, 50, 7, 7]);
    expect([...labels]).toEqual([1, 2, -5]);
    expect({ ...dataset, read: 0 }).toEqual({ length: 3, shape, classes: 3, labels: ['0', '1', '2'], type: 'u8', read: 0 });
  });

  test.each([
    ['Uint8ClampedArray', Uint8ClampedArray.from(pixels), 'u8'],
    ['Int32Array', Int32Array.from(pixels), 'u8'],
    ['Uint16Array', Uint16Array.from(pixels), 'u8'],
    ['Float32Array', Float32Array.from(pixels), 'f32'],
    ['Float64Array', Float64Array.from(pixels), 'f32'],
  ])('takes %s', (_, images, type) => {
    const dataset = arrayDataset({ images, labels: Int8Array.of(0, 1, 0), shape });
    expect(dataset.type).toBe(type);
    const into = { images: type === 'u8' ? new Uint8Array(6) : new Float32Array(6), labels: new Uint16Array(1) };
    dataset.read(Uint32Array.of(1), into);
    expect([...into.images]).toEqual([60, 70, 80, 90, 100, 110]);
    expect(into.labels[0]).toBe(1);
  });

  test('keeps negative and fractional f32 values', () => {
    const dataset = arrayDataset({ images: Float64Array.of(-1.5, 0.1), labels: [0, 0], shape: { height: 1, width: 1, channels: 1 } });
    const images = new Float32Array(2);
    dataset.read(Uint32Array.of(0, 1), { images, labels: new Uint8Array(2) });
    expect([...images]).toEqual([-1.5, Math.fround(0.1)]);
  });

  test('reads a view at an odd offset', () => {
    const buffer = new Uint8Array(20).fill(99);
    buffer.set(pixels, 1);
    const dataset = arrayDataset({ images: new Uint8ClampedArray(buffer.buffer, 1, 18), labels: [0, 0, 0], shape });
    const images = new Uint8Array(6);
    dataset.read(Uint32Array.of(0), { images, labels: new Uint8Array(1) });
    expect([...images]).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test('classes come from classes, else classNames, else the labels', () => {
    expect(arrayDataset({ images: pixels, labels: [0, 0, 4], shape }).classes).toBe(5);
    expect(arrayDataset({ images: pixels, labels: [0, 0, 4], shape, classes: 9 }).labels).toHaveLength(9);
    const named = arrayDataset({ images: pixels, labels: [0, 1, 1], shape, classNames: ['cat', 'dog', 'bird'] });
    expect([named.classes, named.labels]).toEqual([3, ['cat', 'dog', 'bird']]);
  });

  const good: ArrayDatasetOptions = { images: pixels, labels: [0, 1, 2], shape };
  test.each<[string, object, RegExp]>([
    ['one pixel too few', { images: pixels.subarray(1) }, /images\.length: got 17, expected 3 \* 2 \* 1 \* 3 = 18/],
    ['one pixel too many', { images: new Uint8Array(19) }, /images\.length: got 19/],
    ['no samples', { images: new Uint8Array(0), labels: [] }, /labels\.length: got 0/],
    ['no shape', { shape: undefined }, /shape: got undefined, expected \{ height/],
    ['height 0', { shape: { ...shape, height: 0 } }, /shape\.height: got 0/],
    ['width NaN', { shape: { ...shape, width: Number.NaN } }, /shape\.width: got NaN/],
    ['channels 1.5', { shape: { ...shape, channels: 1.5 } }, /shape\.channels: got 1\.5/],
    ['negative label', { labels: [0, -1, 0] }, /labels\[1\]: got -1/],
    ['fractional label', { labels: [0, 0, 0.5] }, /labels\[2\]: got 0\.5/],
    ['label beyond classes', { classes: 2 }, /labels\[2\]: got 2, expected a whole number from 0 to 1/],
    ['label beyond classNames', { classNames: ['a', 'b'] }, /labels\[2\]: got 2/],
    ['labels as text', { labels: '012' }, /labels: got "012"/],
    ['labels as floats', { labels: Float32Array.of(0, 1, 2) }, /labels: got Float32Array/],
    ['classNames do not match classes', { classes: 4, classNames: ['a', 'b', 'c'] }, /classNames\.length: got 3/],
    ['too many classes', { classes: 65537 }, /classes: got 65537/],
    ['pixel 256', { images: Int16Array.from({ length: 18 }, (_, i) => (i === 5 ? 256 : 0)) }, /images\[5\]: got 256/],
    ['pixel -1', { images: Int16Array.from({ length: 18 }, (_, i) => (i === 5 ? -1 : 0)) }, /images\[5\]: got -1/],
    ['NaN', { images: new Float32Array(18).fill(Number.NaN, 17) }, /images\[17\]: got NaN/],
    ['infinite once rounded to f32', { images: new Float64Array(18).fill(1e300, 3) }, /images\[3\]: got 1e\+300/],
    ['plain array', { images: [...pixels] }, /images: got \[0, 10, .*expected a typed array/],
  ])('rejects %s', (_, change, message) => {
    expect(() => arrayDataset({ ...good, ...change })).toThrow(message);
    expect(() => arrayDataset({ ...good, ...change })).toThrow(expect.objectContaining({ code: 'argument' }));
  });
});
