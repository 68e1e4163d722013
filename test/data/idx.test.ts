import { describe, expect, test } from 'vitest';
import { idxDataset, parseIdxImages, parseIdxLabels } from '../../src/data/idx.js';
import { idxImages, idxLabels, u32 } from './idx-files.js';

const images = idxImages(3, 2, 4, (i) => i);
const labels = idxLabels([9, 0, 4]);
const names = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

describe('idx', () => {
  test('images: three dimensions, then pixels', () => {
    const { count, height, width, pixels } = parseIdxImages({ name: 'images', bytes: images });
    expect([count, height, width, [...pixels]]).toEqual([3, 2, 4, Array.from({ length: 24 }, (_, i) => i)]);
  });

  test('labels', () => {
    expect([...parseIdxLabels({ name: 'labels', bytes: labels }, 10)]).toEqual([9, 0, 4]);
  });

  test('both make a data set; a file may be a view at an odd offset', () => {
    const buffer = new Uint8Array(images.length + 3);
    buffer.set(images, 3);
    const dataset = idxDataset({ name: 'i', bytes: buffer.subarray(3) }, { name: 'l', bytes: labels }, names);
    expect(dataset).toMatchObject({ length: 3, shape: { height: 2, width: 4, channels: 1 }, classes: 10, labels: names, type: 'u8' });
    const into = { images: new Uint8Array(8), labels: new Uint8Array(1) };
    dataset.read(Uint32Array.of(2), into);
    expect([...into.images, into.labels[0]]).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 4]);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /^f: size: got 0 bytes, expected a header of 16 bytes$/],
    ['ends in the header', images.subarray(0, 15), /^f: size: got 15 bytes/],
    ['truncated by one byte', images.subarray(0, 39), /^f: truncated, size: got 39 bytes, expected 40 for dimensions 3 x 2 x 4$/],
    ['header only', images.subarray(0, 16), /truncated.*got 16 bytes, expected 40/],
    ['one byte too long', Uint8Array.of(...images, 0), /^f: too long, size: got 41 bytes, expected 40/],
    ['magic of labels', changed(images, 3, 1), /^f: magic number: got 0x00000801, expected 0x00000803$/],
    ['little-endian magic', changed(images, 0, 3, 8, 0, 0), /magic number: got 0x03080000/],
    ['f32 elements', changed(images, 2, 0x0d), /magic number: got 0x00000d03/],
    ['no images', Uint8Array.from(u32(0x803, 0, 28, 28)), /dimension 0: got 0, expected at least 1/],
    ['height 0', Uint8Array.from(u32(0x803, 1, 0, 28)), /dimension 1: got 0/],
    ['dimensions whose product wraps 32 bits to 0', Uint8Array.from(u32(0x803, 65536, 65536, 1)), /truncated.*expected 4294967312/],
    ['greatest dimensions', Uint8Array.from(u32(0x803, 0xffffffff, 0xffffffff, 0xffffffff)), /truncated/],
  ])('rejects images: %s', (_, bytes, message) => {
    expect(() => parseIdxImages({ name: 'f', bytes })).toThrow(message);
    expect(() => parseIdxImages({ name: 'f', bytes })).toThrow(expect.objectContaining({ code: 'data' }));
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['truncated', labels.subarray(0, 10), /^f: truncated, size: got 10 bytes, expected 11/],
    ['too long', Uint8Array.of(...labels, 0), /^f: too long/],
    ['magic of images', changed(labels, 3, 3), /magic number: got 0x00000803, expected 0x00000801/],
    ['label 10 of 10 classes', changed(labels, 9, 10), /^f: label 1: got 10, expected 0 to 9$/],
    ['label 255', changed(labels, 10, 255), /label 2: got 255/],
  ])('rejects labels: %s', (_, bytes, message) => {
    expect(() => parseIdxLabels({ name: 'f', bytes }, 10)).toThrow(message);
    expect(() => parseIdxLabels({ name: 'f', bytes }, 10)).toThrow(expect.objectContaining({ code: 'data' }));
  });

  test('rejects counts that differ', () => {
    const two = idxLabels([1, 2]);
    expect(() => idxDataset({ name: 'i', bytes: images }, { name: 'l', bytes: two }, names)).toThrow(
      /^l: labels: got 2, expected 3, one for each image in i$/,
    );
  });
});
