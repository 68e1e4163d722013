/**
 * PNG files as pixels for a model: [height, width, channels], u8.
 *
 * @module
 */
import { PNG } from 'pngjs';
import { EXIT, Exit } from './exit.js';
import { readBytes } from './files.js';

/** Grey models take grey pictures, colour models any. The size must be the model's: nothing is resized. */
export function readPng(path: string, expected: { height: number; width: number; channels: number }): Uint8Array {
  const bytes = Buffer.from(readBytes(path));
  const { height, width, channels } = expected;
  const size = pngSize(path, bytes);
  // Before anything is decoded: a small file may claim a picture of gigabytes.
  if (size.height !== height || size.width !== width) {
    throw new Exit(EXIT.failed, `${path}: got ${size.width}x${size.height} pixels, expected ${width}x${height}; resize it first`);
  }
  let image: PNG;
  try {
    image = PNG.sync.read(bytes);
  } catch (error) {
    throw new Exit(EXIT.failed, `${path}: not a readable PNG file (${error instanceof Error ? error.message : String(error)})`);
  }
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const [r, g, b, a] = image.data.subarray(4 * i, 4 * i + 4);
    if (a !== 255) throw new Exit(EXIT.failed, `${path}: got a transparent pixel, expected an opaque picture; flatten it first`);
    if (channels === 1 && (r !== g || g !== b))
      throw new Exit(EXIT.failed, `${path}: got a colour picture, expected grey; convert it first`);
    pixels.set(channels === 1 ? [r] : [r, g, b], i * channels);
  }
  return pixels;
}

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** Width and height of the header chunk. Walks the chunks to IEND, so that a truncated file is found. */
function pngSize(path: string, bytes: Buffer): { width: number; height: number } {
  const fail = (what: string): Exit => new Exit(EXIT.failed, `${path}: not a readable PNG file (${what})`);
  if (bytes.length === 0) throw fail('it is empty');
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw fail('it does not begin as a PNG does');
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw fail('it is truncated');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > bytes.length) throw fail('it is truncated');
    if (at === 8 && (type !== 'IHDR' || length !== 13)) throw fail('it has no header');
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
