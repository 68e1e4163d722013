// Picture files as pixels, and the one line that says why not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { Exit } from '../../src/cli/exit.js';
import { readImage } from '../../src/cli/image-file.js';
import { temporaryFolder } from '../helpers/cli.js';
import { type JpegName, jpegFile } from '../helpers/jpeg-files.js';
import { TestRandom } from '../helpers/random.js';

const folder = temporaryFolder();
const [width, height] = [16, 12];
const colour = { width, height, channels: 3 };
const grey = { width, height, channels: 1 };

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The picture of `jpeg-files.ts`. */
function pixel(i: number): [number, number, number] {
  const [x, y] = [i % width, Math.floor(i / width)];
  return [16 * x, 20 * y, 8 * (x + y)];
}

function largestError(pixels: Uint8Array, expected: (i: number) => number[]): number {
  const channels = pixels.length / (width * height);
  return Math.max(...Array.from(pixels, (value, i) => Math.abs(value - expected(Math.floor(i / channels))[i % channels])));
}

describe('a JPEG file', () => {
  test.each<[JpegName, number]>([
    ['baseline', 4],
    ['progressive', 4],
    ['subsampled', 16],
  ])('%s, in colour, is read to within its quality', (name, bound) => {
    expect(largestError(readImage(file(`${name}.jpg`, jpegFile(name)), colour), pixel)).toBeLessThanOrEqual(bound);
  });

  test('in grey is read for grey models and for colour models', () => {
    const expected = (i: number): number => Math.min(255, 10 * (i % width) + 5 * Math.floor(i / width));
    const path = file('grey.jpg', jpegFile('grey'));
    expect(largestError(readImage(path, grey), (i) => [expected(i)])).toBeLessThanOrEqual(1);
    expect(largestError(readImage(path, colour), (i) => [expected(i), expected(i), expected(i)])).toBeLessThanOrEqual(1);
  });

  test('is known by its first bytes, whatever its name', () => {
    expect(readImage(file('a.png', jpegFile('grey')), grey)).toEqual(readImage(file('a.jpg', jpegFile('grey')), grey));
    const picture = new PNG({ width, height });
    for (let i = 0; i < width * height; i++) picture.data.set([...pixel(i), 255], 4 * i);
    expect(largestError(readImage(file('b.jpg', PNG.sync.write(picture)), colour), pixel)).toBe(0);
  });

  test('that says it is RGB is not converted', () => {
    const bytes = jpegFile('baseline');
    const adobe = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0]);
    const pixels = readImage(file('rgb.jpg', Buffer.concat([bytes.subarray(0, 2), adobe, bytes.subarray(2)])), colour);
    // What was luminance is red now.
    const luminance = (i: number): number => pixel(i)[0] * 0.299 + pixel(i)[1] * 0.587 + pixel(i)[2] * 0.114;
    const red = pixels.filter((_, i) => i % 3 === 0);
    expect(largestError(red, (i) => [luminance(i)])).toBeLessThanOrEqual(4);
  });
});

/** `bytes` with the segment of `marker` changed; `at` counts from the marker. */
function change(bytes: Buffer, marker: number, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, copy.indexOf(Buffer.from([0xff, marker])) + at);
  return copy;
}

/** A PNG whose chunks and checksums are right, with these bytes as its compressed data. */
function pngOf(data: Buffer, interlace: number = 0): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const head = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
    head.writeUInt32BE(body.length, 0);
    head.writeUInt32BE(crc32(head.subarray(4, -4)), head.length - 4);
    return head;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, interlace], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}
const rows = Buffer.alloc((3 * width + 1) * height);

test('a PNG made by hand is read', () => {
  expect(readImage(file('hand.png', pngOf(deflateSync(rows))), colour)).toEqual(new Uint8Array(3 * width * height));
});

const baseline = jpegFile('baseline');
const scan = baseline.indexOf(Buffer.from([0xff, 0xda]));
const REFUSED: [string, Uint8Array, { width: number; height: number; channels: number }, RegExp][] = [
  ['of another size', baseline, { ...colour, width: 17 }, /: got 16x12 pixels, expected 17x12; resize it first/],
  ['in colour for a grey model', baseline, grey, /: got a colour picture, expected grey; convert it first/],
  ['of CMYK', jpegFile('cmyk'), colour, /not a readable JPEG file \(CMYK is not supported; save it as grey or RGB/],
  ['that claims to be huge', change(baseline, 0xc0, 5, 0xff, 0xff, 0xff, 0xff), colour, /: got 65535x65535 pixels, expected 16x12/],
  ['without its last bytes', baseline.subarray(0, -2), colour, /not a readable JPEG file \(it is truncated\)/],
  ['cut in its header', baseline.subarray(0, 40), colour, /not a readable JPEG file \(it is truncated\)/],
  ['cut behind its first marker', baseline.subarray(0, 4), colour, /not a readable JPEG file \(it is truncated\)/],
  [
    'cut in its data, but ended',
    Buffer.concat([baseline.subarray(0, scan + 30), Buffer.from([0xff, 0xd9])]),
    colour,
    /not a readable JPEG file \(/,
  ],
  ['without data', Buffer.concat([baseline.subarray(0, scan), Buffer.from([0xff, 0xd9])]), colour, /it holds no picture/],
  ['that is arithmetic coded', change(baseline, 0xc0, 1, 0xc9), colour, /its coding, SOF9, is not supported; save it as/],
  ['that is lossless', change(baseline, 0xc0, 1, 0xc3), colour, /its coding, SOF3, is not supported/],
  ['of 12 bits', change(baseline, 0xc0, 4, 12), colour, /12 bits a value are not supported/],
  ['of a segment without length', change(baseline, 0xdb, 2, 0, 1), colour, /it is truncated/],
  ['of no segments', Buffer.from([0xff, 0xd8, 0xff, 0x00, 1, 2, 3, 4]), colour, /not a readable JPEG file \(/],
  ['PNG whose data are no zlib stream', pngOf(Buffer.from('garbage')), colour, /not a readable PNG file \(its data are damaged\)/],
  ['PNG with too few data', pngOf(deflateSync(rows.subarray(0, -1))), colour, /not a readable PNG file \(its data are incomplete\)/],
  ['PNG with a bomb for data', pngOf(deflateSync(Buffer.alloc(2 ** 22))), colour, /not a readable PNG file \(its data are damaged\)/],
  ['interlaced PNG with too few data', pngOf(deflateSync(rows.subarray(0, 99)), 1), colour, /its data are incomplete/],
  ['that is empty', new Uint8Array(0), colour, /not a readable picture \(it is empty\)/],
  [
    'that is none',
    Buffer.from('GIF89a, a picture of long ago'),
    colour,
    /not a readable picture \(it begins as neither PNG nor JPEG does\)/,
  ],
];

describe('a file is refused', () => {
  test.each(REFUSED)('%s', (name, bytes, expected, message) => {
    const read = (): unknown => readImage(file('refused.jpg', bytes), expected);
    expect(read, name).toThrow(Exit);
    expect(read, name).toThrow(message);
    expect(read, name).not.toThrow(/\n/);
  });

  test('or read, whatever bytes of it are changed', () => {
    const numbers = new TestRandom(1);
    for (const name of ['baseline', 'progressive', 'grey'] as const) {
      for (let round = 0; round < 200; round++) {
        const bytes = jpegFile(name);
        for (let i = 0; i < 3; i++) bytes[numbers.integer(2, bytes.length - 1)] = numbers.integer(0, 255);
        try {
          readImage(file('fuzzed.jpg', bytes), colour);
        } catch (error) {
          if (!(error instanceof Exit)) throw error;
        }
      }
    }
  });
});
