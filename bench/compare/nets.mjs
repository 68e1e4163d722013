// The networks that peers run in f32, as sizes and weights; bitgauss has its own 1-bit nets of the same shapes.
import { convolution3x3, labels, maxPool2x2, pixels, product, reals } from './data.mjs';

export const CLASSES = 10;

/** Convolutions of VGG-Small on 32x32x3: 3x3, stride 1, padding 1, ReLU, then a 2x2 max pool where `pool` says so. 8,192 features, 10 classes. */
export const VGG_SMALL = [
  { size: 32, cin: 3, cout: 128, pool: false },
  { size: 32, cin: 128, cout: 128, pool: true },
  { size: 16, cin: 128, cout: 256, pool: false },
  { size: 16, cin: 256, cout: 256, pool: true },
  { size: 8, cin: 256, cout: 512, pool: false },
  { size: 8, cin: 512, cout: 512, pool: true },
];
export const VGG_FEATURES = 8192;

/** Weights that keep activations of about the same size: uniform in ±sqrt(6 / fan-in). */
const uniform = (length, fanIn, seed) => reals(length, Math.sqrt(6 / fanIn), seed);

/** Batch norm is folded into filter and bias, as inference engines do. weight [cout][3][3][cin], head [10][features], features in [H][W][C] order. */
export function vggWeights() {
  const layers = VGG_SMALL.map(({ cin, cout }, i) => ({
    weight: uniform(cout * 9 * cin, 9 * cin, 100 + i),
    bias: reals(cout, 0.1, 200 + i),
  }));
  return { layers, head: { weight: uniform(CLASSES * VGG_FEATURES, VGG_FEATURES, 300), bias: reals(CLASSES, 0.1, 301) } };
}

/** Logits of one image, f32 [32][32][3], by the definition. */
export function vggLogits(image) {
  const { layers, head } = vggWeights();
  let x = image;
  VGG_SMALL.forEach(({ size, cin, cout, pool }, i) => {
    x = convolution3x3(x, layers[i].weight, size, cin, cout, layers[i].bias).map((value) => Math.max(value, 0));
    if (pool) x = maxPool2x2(x, size, cout);
  });
  return product(x, head.weight, 1, CLASSES, VGG_FEATURES, head.bias);
}

/** The small CNN on 28x28x1: conv3x3 32, pool, conv3x3 64, pool, 128, 10. No padding: maps of 26, 13, 11, 5. */
export const CNN = { size: 28, channels: [32, 64], hidden: 128, features: 5 * 5 * 64 };

/** One training batch: bytes [batch][size * size * channels] and classes. */
export function batch({ batch, imageSize }) {
  return { images: pixels(batch * imageSize, 400), labels: labels(batch, 401) };
}

/** Initial weights of a layer of a net in training, uniform in ±1 / sqrt(fan-in): [in][out] or [out][in][3][3]. */
export function initialWeight(index, out, fanIn) {
  return reals(out * fanIn, 1 / Math.sqrt(fanIn), 500 + index);
}
