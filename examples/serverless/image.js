// From an image file to the pixels that a model takes. What only some images need is imported when one comes: a cold start should not wait for it.
import { Failure } from './failure.js';

const DECODERS = {
  'image/png': async (bytes) => (await import('./png.js')).decodePng(bytes),
  'image/jpeg': async (bytes) => (await import('./jpeg.js')).decodeJpeg(bytes),
};

/**
 * u8 [height][width][channels]: the whole image, scaled to fit and centred on black; transparent parts are black. `invert` is for dark ink on light
 * paper, where the model learned from light ink on black.
 */
export async function readImage(bytes, type, { height, width, channels }, invert) {
  const decode = DECODERS[type];
  if (decode === undefined) throw new Failure(415, `content-type: got ${type}, expected image/png or image/jpeg`);
  if (bytes.length === 0) throw new Failure(400, 'body: got nothing, expected the bytes of a PNG or JPEG file');
  const image = await decode(bytes).catch((error) => {
    throw error instanceof Failure ? error : new Failure(400, `body: got no readable image (${error.message}), expected one of ${type}`);
  });
  const fitted = await fit(image, width, height);
  const pixels = new Uint8Array(height * width * channels);
  const [left, top] = [(width - fitted.width) >> 1, (height - fitted.height) >> 1];
  for (let y = 0; y < fitted.height; y++)
    for (let x = 0; x < fitted.width; x++) {
      const [red, green, blue, alpha] = fitted.data.subarray(4 * (y * fitted.width + x));
      const ink = [red, green, blue].map((value) => ((invert ? 255 - value : value) * alpha) / 255);
      pixels.set(channels === 1 ? [grey(ink)] : ink.map(Math.round), ((top + y) * width + left + x) * channels);
    }
  return pixels;
}

const grey = ([red, green, blue]) => Math.round(0.299 * red + 0.587 * green + 0.114 * blue);

/** The image in the largest size of its proportions that fits. */
async function fit(image, width, height) {
  const scale = Math.min(width / image.width, height / image.height);
  const [toWidth, toHeight] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  if (toWidth === image.width && toHeight === image.height) return image;
  const { default: pica } = await import('pica');
  const data = await pica({ features: ['js'] }).resizeBuffer({
    src: image.data,
    width: image.width,
    height: image.height,
    toWidth,
    toHeight,
  });
  return { width: toWidth, height: toHeight, data };
}
