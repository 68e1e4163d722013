/**
 * Picture files as pixels for a model: [height, width, channels], u8. The format is what the first bytes say, whatever the name.
 *
 * @module
 */
import { EXIT, Exit } from './exit.js';
import { readBytes } from './files.js';
import { PictureError } from './image-formats/format.js';
import { imageFormats } from './image-formats/registry.js';

/** Grey models take grey pictures, colour models any. The size must be the model's: nothing is resized. */
export function readImage(path: string, expected: { height: number; width: number; channels: number }): Uint8Array {
  const { height, width, channels } = expected;
  const rgba = decodeImage(path, Buffer.from(readBytes(path)), width, height);
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const [r, g, b, a] = rgba.subarray(4 * i, 4 * i + 4);
    if (a !== 255) throw new Exit(EXIT.failed, `${path}: got a transparent pixel, expected an opaque picture; flatten it first`);
    if (channels === 1 && (r !== g || g !== b))
      throw new Exit(EXIT.failed, `${path}: got a colour picture, expected grey; convert it first`);
    pixels.set(channels === 1 ? [r] : [r, g, b], i * channels);
  }
  return pixels;
}

/** RGBA of a picture of this size. */
function decodeImage(path: string, bytes: Buffer, width: number, height: number): Uint8Array {
  const names = imageFormats.map(({ name }) => name);
  if (bytes.length === 0) throw new Exit(EXIT.failed, `${path}: not a readable picture (it is empty)`);
  const format = imageFormats.find(({ signature }) => signature.every((byte, i) => bytes[i] === byte));
  if (format === undefined)
    throw new Exit(EXIT.failed, `${path}: not a readable picture (it begins as neither ${names.join(' nor ')} does)`);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new Exit(EXIT.failed, `${path}: not a readable ${format.name} file (${what})`);
    }
  };
  const image = attempt(() => format.open(bytes));
  if (image.width !== width || image.height !== height)
    throw new Exit(EXIT.failed, `${path}: got ${image.width}x${image.height} pixels, expected ${width}x${height}; resize it first`);
  // What decoders say of damaged data speaks of their insides.
  return attempt(() => {
    try {
      return image.decode();
    } catch (error) {
      throw error instanceof PictureError ? error : new Error('its data are damaged');
    }
  });
}
