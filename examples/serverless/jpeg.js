import { decode } from 'jpeg-js';
import { MAX_PIXELS, tooLarge } from './failure.js';

/** { width, height, data: RGBA } of a JPEG file. */
export function decodeJpeg(bytes) {
  try {
    return decode(bytes, { useTArray: true, tolerantDecoding: false, maxResolutionInMP: MAX_PIXELS / 1e6 });
  } catch (error) {
    throw /^maxResolutionInMP/.test(error.message) ? tooLarge() : error;
  }
}
