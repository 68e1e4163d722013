/**
 * JPEG pictures, baseline and progressive, grey and colour, by jpeg-js.
 *
 * @module
 */
import { decode } from 'jpeg-js';
import { type ImageFormat, PictureError } from './format.js';

/** Enough for what fits a model; the decoder takes 256 bytes for 64 values of a picture. */
const MAX_MEMORY_MB = 1024;

const SOF0 = 0xc0;
/** Not starts of frames, though their numbers lie between: tables and a reserved one. */
const NO_FRAMES = [0xc4, 0xc8, 0xcc];
const EOI = 0xd9;
const SOS = 0xda;
const APP14 = 0xee;

export const jpeg: ImageFormat = {
  name: 'JPEG',
  signature: [0xff, 0xd8, 0xff],
  open(bytes) {
    const { width, height, isRgb } = readHeader(bytes);
    return {
      width,
      height,
      decode() {
        const image = decode(bytes, {
          useTArray: true,
          tolerantDecoding: false,
          maxMemoryUsageInMB: MAX_MEMORY_MB,
          ...(isRgb ? { colorTransform: false } : {}),
        });
        if (image.width !== width || image.height !== height) throw new PictureError('it holds two pictures');
        return image.data;
      },
    };
  },
};

interface Header {
  width: number;
  height: number;
  /** Colours are red, green and blue instead of luminance and chrominance. */
  isRgb: boolean;
}

/** Walks the segments to the end of the image. */
function readHeader(bytes: Buffer): Header {
  let frame: { width: number; height: number; components: number } | undefined;
  let adobeTransform: number | undefined;
  let scans = 0;
  for (let at = 2; ; ) {
    if (at + 4 > bytes.length && bytes[at + 1] !== EOI) throw new PictureError('it is truncated');
    if (bytes[at] !== 0xff) throw new PictureError(`it has no marker at byte ${at}`);
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++; // markers may be filled up in front
      continue;
    }
    if (marker === EOI) break;
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw new PictureError('it is truncated');
    const segment = bytes.subarray(at + 4, end);
    if (marker >= SOF0 && marker <= 0xcf && !NO_FRAMES.includes(marker)) {
      if (frame !== undefined) throw new PictureError('it holds two pictures');
      frame = readFrame(marker, segment);
    }
    if (marker === APP14 && segment.length >= 12 && segment.toString('latin1', 0, 5) === 'Adobe') adobeTransform = segment[11];
    at = end;
    if (marker === SOS) {
      if (frame === undefined) throw new PictureError('it has no header');
      scans++;
      at = endOfScan(bytes, end);
    }
  }
  if (frame === undefined || scans === 0) throw new PictureError('it holds no picture');
  return { width: frame.width, height: frame.height, isRgb: frame.components === 3 && adobeTransform === 0 };
}

function readFrame(marker: number, segment: Buffer): { width: number; height: number; components: number } {
  if (segment.length < 6) throw new PictureError('it is truncated');
  if (marker > 0xc2) throw new PictureError(`its coding, SOF${marker - SOF0}, is not supported; save it as a baseline or progressive JPEG`);
  if (segment[0] !== 8) throw new PictureError(`${segment[0]} bits a value are not supported; save it with 8`);
  const components = segment[5];
  if (components !== 1 && components !== 3)
    throw new PictureError(
      components === 4
        ? 'CMYK is not supported; save it as grey or RGB'
        : `${components} components are not supported; save it as grey or RGB`,
    );
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3), components };
}

/** The next marker that is no part of the coded data: 0xff 0x00 is a value, 0xff 0xd0..0xd7 a restart. */
function endOfScan(bytes: Buffer, begin: number): number {
  for (let at = bytes.indexOf(0xff, begin); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new PictureError('it is truncated');
}
