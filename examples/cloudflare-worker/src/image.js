// From a request's bytes to the pixels of a model with one channel.
import { convertIndexedToRgb, decode } from 'fast-png';
import { Failure } from './failure.js';

/** u8 [height][width][1]. Grey of colours is their luma; what is transparent is black. */
export function readImage(bytes, type, { height, width }) {
  if (type === 'image/png') return readPng(bytes, height, width);
  if (type !== 'application/octet-stream')
    throw new Failure(415, `content-type: got ${type}, expected image/png, or application/octet-stream for raw pixels`);
  if (bytes.length !== height * width)
    throw new Failure(400, `pixels: got ${bytes.length} bytes, expected ${height} x ${width} = ${height * width} of 0..255`);
  return bytes;
}

function readPng(bytes, height, width) {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24) throw new Failure(400, `image: got ${bytes.length} bytes, expected a PNG file`);
  // As the file claims them, before anything is unpacked.
  const [columns, rows] = [header.getUint32(16), header.getUint32(20)];
  if (columns !== width || rows !== height)
    throw new Failure(400, `image: got ${columns} x ${rows} pixels, expected a PNG file of ${width} x ${height}`);
  let png;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw new Failure(400, `image: got no readable PNG file: ${error.message}`);
  }
  if (png.depth !== 8 && !png.palette) throw new Failure(415, `image: got ${png.depth} bits a sample, expected a PNG file of 8`);
  return grey(png.palette ? convertIndexedToRgb(png) : png.data, height * width);
}

function grey(samples, positions) {
  const channels = samples.length / positions;
  return Uint8Array.from({ length: positions }, (_, i) => {
    const [first, second, third, fourth] = samples.subarray(channels * i, channels * (i + 1));
    const luma = channels < 3 ? first : 0.299 * first + 0.587 * second + 0.114 * third;
    const alpha = channels === 2 ? second : channels === 4 ? fourth : 255;
    return Math.round((luma * alpha) / 255);
  });
}
