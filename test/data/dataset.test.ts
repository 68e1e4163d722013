import { describe, expect, test } from 'vitest';
import { arrayDataset } from '../../src/data/array-dataset.js';
import { subset } from '../../src/data/dataset.js';

const shape = { height: 1, width: 2, channels: 1 };
const dataset = arrayDataset({ images: Uint8Array.of(0, 1, 10, 11, 20, 21, 30, 31), labels: [0, 1, 0, 1], shape });

describe('read', () => {
  const indices = Uint32Array.of(0, 1, 2);
  const bytes = new Uint8Array(6);
  const labels = new Uint8Array(3);
  test.each<[string, () => void, RegExp]>([
    [
      'an index out of range',
      () => dataset.read(Uint32Array.of(0, 4), { images: bytes, labels }),
      /indices\[1\]: got 4, expected .* 0 to 3/,
    ],
    [
      'images too short',
      () => dataset.read(indices, { images: bytes.subarray(1), labels }),
      /into\.images\.length: got 5, expected at least 6/,
    ],
    ['labels too short', () => dataset.read(indices, { images: bytes, labels: labels.subarray(1) }), /into\.labels\.length: got 2/],
    [
      'floats for bytes',
      () => dataset.read(indices, { images: new Float32Array(6), labels }),
      /into\.images: got Float32Array.*Uint8Array/,
    ],
  ])('rejects %s', (_, read, message) => expect(read).toThrow(message));

  test('rejects bytes for floats', () => {
    const floats = arrayDataset({ images: new Float32Array(4), labels: [0, 1], shape });
    expect(() => floats.read(Uint32Array.of(0), { images: bytes, labels })).toThrow(/into\.images: got Uint8Array.*Float32Array/);
  });

  test('rejects byte labels for more than 256 classes', () => {
    const many = arrayDataset({ images: Uint8Array.of(0, 0), labels: [300], shape });
    expect(() => many.read(Uint32Array.of(0), { images: bytes, labels })).toThrow(/into\.labels.*301 classes/);
    const wide = new Uint16Array(1);
    many.read(Uint32Array.of(0), { images: bytes, labels: wide });
    expect(wide[0]).toBe(300);
  });
});

describe('subset', () => {
  test('maps its indices, with repetitions, and keeps them when the caller changes his', () => {
    const indices = Uint32Array.of(3, 1, 3);
    const part = subset(dataset, indices);
    indices.fill(0);
    const images = new Uint8Array(6);
    const labels = new Uint8Array(3);
    part.read(Uint32Array.of(2, 1, 0), { images, labels });
    expect([...images]).toEqual([30, 31, 10, 11, 30, 31]);
    expect([...labels]).toEqual([1, 1, 1]);
    expect(part).toMatchObject({ length: 3, shape, classes: 2, labels: ['0', '1'], type: 'u8' });
  });

  test('of a subset', () => {
    const part = subset(subset(dataset, Uint32Array.of(3, 2, 1)), Uint32Array.of(1));
    const images = new Uint8Array(2);
    part.read(Uint32Array.of(0), { images, labels: new Uint8Array(1) });
    expect([...images]).toEqual([20, 21]);
  });

  test('rejects indices out of range, at once and when reading', () => {
    expect(() => subset(dataset, Uint32Array.of(0, 4))).toThrow(/indices: got 4, expected whole numbers from 0 to 3/);
    const part = subset(dataset, Uint32Array.of(0, 1));
    const into = { images: new Uint8Array(2), labels: new Uint8Array(1) };
    expect(() => part.read(Uint32Array.of(2), into)).toThrow(/indices\[0\]: got 2, expected a whole number from 0 to 1/);
  });
});
