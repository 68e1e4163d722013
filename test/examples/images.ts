// Digits drawn by strokes, as the files that people post.
import { crc32 } from 'node:zlib';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { strokeImage } from '../../src/data.js';

const WIDTH = 28;

/** u8 [28, 28, 1], light ink on black. */
export const DIGITS: Readonly<Record<string, Uint8Array>> = {
  '0': strokeImage([[20, 0, 8, 6, 4, 20, 8, 34, 20, 40, 32, 34, 36, 20, 32, 6, 20, 0]]),
  '1': strokeImage([[10, 0, 10, 40]]),
  '3': strokeImage([[4, 4, 16, 0, 24, 6, 22, 14, 12, 19, 24, 24, 26, 33, 16, 40, 4, 36]]),
  '7': strokeImage([[4, 0, 28, 0, 14, 40]]),
};

/** Pixels of another size and look: each pixel `zoom` times as large, dark ink on white paper where `inverted`. */
function rgba(pixels: Uint8Array, zoom: number, inverted: boolean): { width: number; height: number; data: Uint8Array } {
  const side = WIDTH * zoom;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let i = 0; i < side * side; i++) {
    const value = pixels[Math.floor(i / side / zoom) * WIDTH + Math.floor((i % side) / zoom)];
    data.fill(inverted ? 255 - value : value, 4 * i, 4 * i + 3);
  }
  return { width: side, height: side, data };
}

export function pngFile(pixels: Uint8Array, zoom: number = 1, inverted: boolean = false): Uint8Array<ArrayBuffer> {
  const image = rgba(pixels, zoom, inverted);
  return new Uint8Array(PNG.sync.write(Object.assign(new PNG(image), { data: Buffer.from(image.data) })));
}

export function jpegFile(pixels: Uint8Array, zoom: number = 1, inverted: boolean = false): Uint8Array<ArrayBuffer> {
  return new Uint8Array(jpeg.encode(rgba(pixels, zoom, inverted), 95).data);
}

/** Ink on paper that is not there: white, as opaque as there is ink. */
export function transparentPngFile(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width: WIDTH, height: WIDTH });
  png.data.fill(255);
  pixels.forEach((value, i) => {
    png.data[4 * i + 3] = value;
  });
  return new Uint8Array(PNG.sync.write(png));
}

/** A PNG whose header claims `side` x `side` pixels. */
export function hugePngFile(side: number): Uint8Array<ArrayBuffer> {
  const file = pngFile(DIGITS['1']);
  const view = new DataView(file.buffer);
  view.setUint32(16, side);
  view.setUint32(20, side);
  view.setUint32(29, crc32(file.subarray(12, 29)));
  return file;
}
