// Small files for the page to be given: data sets byte by byte from their formats' definitions, a picture, and what is none of them.
import { Buffer } from 'node:buffer';
import { PNG } from 'pngjs';

export interface PageFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const file = (name: string, buffer: Uint8Array | readonly number[], mimeType = ''): PageFile => ({
  name,
  mimeType,
  buffer: Buffer.from(buffer as Uint8Array),
});

const u32 = (...values: number[]): number[] => values.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);

const COUNT = 320;

/** Images of one bright row, whose place is the label: easy to learn. */
function idxImages(): number[] {
  const pixels = new Uint8Array(COUNT * 784);
  for (let i = 0; i < COUNT; i++) pixels.fill(255, i * 784 + (4 + 2 * (i % 10)) * 28, i * 784 + (6 + 2 * (i % 10)) * 28);
  return [...u32(0x803, COUNT, 28, 28), ...pixels];
}

const idxLabels = [...u32(0x801, COUNT), ...Array.from({ length: COUNT }, (_, i) => i % 10)];

/** Records of one colour, which is the label. */
function cifarRecords(): Uint8Array {
  const records = new Uint8Array(COUNT * 3073);
  for (let i = 0; i < COUNT; i++) {
    const label = i % 10;
    records[i * 3073] = label;
    for (let channel = 0; channel < 3; channel++)
      records.fill((label * (37 + 19 * channel)) & 255, i * 3073 + 1 + channel * 1024, i * 3073 + 1 + (channel + 1) * 1024);
  }
  return records;
}

function picture(): Uint8Array {
  const png = new PNG({ width: 60, height: 40 });
  png.data.fill(200);
  return PNG.sync.write(png);
}

export const FILES = {
  idx: [file('train-images-idx3-ubyte', idxImages()), file('train-labels-idx1-ubyte', idxLabels)],
  images: file('train-images-idx3-ubyte', idxImages()),
  cifar: file('data_batch_1.bin', cifarRecords()),
  picture: file('cat.png', picture(), 'image/png'),
  text: file('notes.txt', Buffer.from('neither images nor labels'), 'text/plain'),
};
