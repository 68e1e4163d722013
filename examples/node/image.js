// From an image file to the pixels that a model takes.
import sharp from 'sharp';

// Of all that libvips reads, two formats: the others are not needed, so nobody should reach their decoders.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg'] });

const MAX_PIXELS = 4096 * 4096;

/** A mistake of the client. */
function failure(statusCode, message) {
  return Object.assign(new Error(message), { statusCode });
}

/**
 * u8 [height][width][channels]: the whole image, scaled to fit and centred on black; transparent parts are black. `invert` is for dark ink on light
 * paper, where the model learned from light ink on black.
 */
export async function readImage(body, { height, width, channels }, invert) {
  if (!body?.length) throw failure(400, 'body: got nothing, expected the bytes of a PNG or JPEG file');
  const { width: columns, height: rows } = await sharp(body, { limitInputPixels: false })
    .metadata()
    .catch((error) => {
      throw failure(400, `body: got no readable image (${error.message}), expected a PNG or JPEG file`);
    });
  if (columns * rows > MAX_PIXELS) throw failure(413, `image: got ${columns} x ${rows} pixels, expected at most ${MAX_PIXELS}`);

  const image = sharp(body)
    .autoOrient()
    .flatten({ background: invert ? 'white' : 'black' });
  if (invert) image.negate();
  image.resize(width, height, { fit: 'contain', background: 'black' }).toColourspace(channels === 1 ? 'b-w' : 'srgb');
  return await image
    .raw()
    .toBuffer()
    .catch((error) => {
      throw failure(400, `body: got a broken image (${error.message}), expected a whole PNG or JPEG file`);
    });
}
