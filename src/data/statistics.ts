/**
 * Mean and standard deviation of each channel, the constants that a trainer normalises images with.
 *
 *   mean = sum(p) / (255 n),   std = sqrt(n sum(p^2) - sum(p)^2) / (255 n)        p in 0..255, n pixels of the channel
 *
 * @module
 */
import { type Dataset, imageSize } from './dataset.js';

export interface ChannelStatistics {
  /** `[C]`, of pixels scaled to 0..1. */
  mean: number[];
  /** `[C]`; 1 where a channel is constant, so that dividing by it is safe. */
  std: number[];
}

const CHUNK_BYTES = 2 ** 20;

/** Statistics over the whole set. 'f32' data are taken as they are: mean 0, std 1. */
export function channelStatistics(dataset: Dataset): ChannelStatistics {
  const work = measureStatistics(dataset);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as ChannelStatistics;
  }
}

/** The same in pieces, for callers that must not hold their thread for long. */
export function* measureStatistics(dataset: Dataset): Generator<void, ChannelStatistics, void> {
  const { channels } = dataset.shape;
  if (dataset.type === 'f32') return { mean: new Array(channels).fill(0), std: new Array(channels).fill(1) };
  const counts = yield* histogram(dataset);
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    // n * sum(p^2) passes 2^53 at MNIST's size: in BigInt the difference is exact.
    let n = 0n;
    let sum = 0n;
    let squares = 0n;
    for (let pixel = 0; pixel < 256; pixel++) {
      const count = BigInt(counts[channel * 256 + pixel]);
      n += count;
      sum += count * BigInt(pixel);
      squares += count * BigInt(pixel * pixel);
    }
    const scale = 255 * Number(n);
    mean.push(n === 0n ? 0 : Number(sum) / scale);
    const spread = Number(n * squares - sum * sum);
    std.push(spread === 0 ? 1 : Math.sqrt(spread) / scale);
  }
  return { mean, std };
}

/** A number that other data hardly share: FNV-1a over the bytes and labels of up to 256 samples, evenly spread. */
export function dataChecksum(dataset: Dataset): number {
  const count = Math.min(256, dataset.length);
  const size = imageSize(dataset.shape);
  const images = dataset.type === 'u8' ? new Uint8Array(size) : new Float32Array(size);
  const labels = new Int32Array(1);
  const bytes = new Uint8Array(images.buffer);
  let hash = 0x811c9dc5;
  for (let i = 0; i < count; i++) {
    dataset.read(Uint32Array.of(Math.floor((i * dataset.length) / count)), { images, labels });
    hash = Math.imul(hash ^ labels[0], 0x01000193);
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** How often each pixel value occurs: `[C, 256]`. */
function* histogram(dataset: Dataset): Generator<void, Float64Array, void> {
  const { channels } = dataset.shape;
  const size = imageSize(dataset.shape);
  const counts = new Float64Array(channels * 256);
  const chunk = Math.max(1, Math.floor(CHUNK_BYTES / size));
  const images = new Uint8Array(chunk * size);
  const labels = new Int32Array(chunk);
  for (let at = 0; at < dataset.length; at += chunk) {
    const count = Math.min(chunk, dataset.length - at);
    const indices = Uint32Array.from({ length: count }, (_, i) => at + i);
    dataset.read(indices, { images, labels });
    for (let i = 0; i < count * size; i += channels) {
      for (let channel = 0; channel < channels; channel++) counts[channel * 256 + images[i + channel]]++;
    }
    yield;
  }
  return counts;
}
