/**
 * Stochastic rounding of gradients: q = floor(z + r), |q| <= qmax, r = noise + 1/2 from a tile of 4,096 numbers (and 64 more), read for image
 * lane i at offset(position, channel) + i. The offset is the top 12 bits of (index * 2654435761 mod 2^32), index = position * channels + channel
 * over all groups of 64 images.
 *
 * @module
 */
export const NOISE_FLOATS = 4096 + 64;

export function noiseAt(image: number, position: number, channel: number, positions: number, channels: number): number {
  const index = (Math.floor(image / 64) * positions + position) * channels + channel;
  return Number(((BigInt(index) * 2654435761n) % 4294967296n) >> 20n) + (image % 64);
}

/** Rounds z, element k of [images][positions][channels]. With `shift`, the other neighbour where z + r is that close to a whole number. */
export function roundedAt(
  z: number,
  k: number,
  positions: number,
  channels: number,
  noise: ArrayLike<number>,
  qmax: number,
  shift = 0,
): number {
  const channel = k % channels;
  const position = Math.floor(k / channels) % positions;
  const image = Math.floor(k / (channels * positions));
  const value = z + noise[noiseAt(image, position, channel, positions, channels)] + 0.5;
  const nearest = Math.round(value);
  const q = shift > 0 && Math.abs(value - nearest) < shift ? 2 * nearest - 1 - Math.floor(value) : Math.floor(value);
  return Math.max(-qmax, Math.min(qmax, q));
}
