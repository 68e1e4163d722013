import { convertIndexedToRgb, decode } from 'fast-png';
import { MAX_PIXELS, tooLarge } from './failure.js';

/** { width, height, data: RGBA } of a PNG file with any number of channels and bits. */
export function decodePng(bytes) {
  // Width and height as the file claims them, before anything is unpacked.
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && header.getUint32(16) * header.getUint32(20) > MAX_PIXELS) throw tooLarge();
  const png = decode(bytes, { checkCrc: true });
  const { width, height, depth, transparency } = png;
  const samples =
    png.palette || depth < 8 ? convertIndexedToRgb({ ...png, palette: png.palette ?? greys(depth, transparency?.[0]) }) : png.data;
  const channels = samples.length / (width * height);
  const byte = (value) => (depth === 16 ? Math.round(value / 257) : value);
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    for (let c = 0; c < 3; c++) data[4 * i + c] = byte(samples[channels < 3 ? at : at + c]);
    const isKey = transparency?.every((value, c) => samples[at + c] === value);
    data[4 * i + 3] = channels % 2 === 0 ? byte(samples[at + channels - 1]) : isKey ? 0 : 255;
  }
  return { width, height, data };
}

/** Grey values of 1, 2 or 4 bits as a palette, one of them transparent where there is a `key`. */
function greys(depth, key) {
  const last = 2 ** depth - 1;
  return Array.from({ length: last + 1 }, (_, i) => [...Array(3).fill((255 * i) / last), i === key ? 0 : 255]);
}
