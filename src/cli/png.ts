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
  const bytes = readBytes(path);
  let image: PNG;
  try {
    image = PNG.sync.read(Buffer.from(bytes));
  } catch (error) {
    throw new Exit(EXIT.failed, `${path}: not a readable PNG file (${error instanceof Error ? error.message : String(error)})`);
  }
  const { height, width, channels } = expected;
  if (image.height !== height || image.width !== width) {
    throw new Exit(EXIT.failed, `${path}: got ${image.width}x${image.height} pixels, expected ${width}x${height}; resize it first`);
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
