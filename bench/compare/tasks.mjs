// What is compared. A task is a plain object, sent to every peer.
import { VGG_SMALL } from './nets.mjs';

const convolution = (size, channels) => ({
  name: `conv ${channels}@${size}`,
  kind: 'convolution',
  size,
  cin: channels,
  cout: channels,
  macs: size * size * 9 * channels * channels,
});
const mlp = (...hidden) => {
  const sizes = [784, ...hidden, 10];
  const weights = hidden.concat(10).reduce((sum, out, i) => sum + sizes[i] * out, 0);
  return { name: `mlp ${sizes.join('-')}`, kind: 'mlp', hidden, batch: 128, imageSize: 784, macs: 3 * 128 * weights };
};
const vggMacs = VGG_SMALL.reduce((sum, { size, cin, cout }) => sum + size * size * 9 * cin * cout, 81920);
const vgg = (batch) => ({ name: `vgg-small x${batch}`, kind: 'vgg', batch, imageSize: 3072, macs: batch * vggMacs });

export const TASKS = [
  convolution(56, 64),
  convolution(28, 128),
  convolution(14, 256),
  convolution(7, 512),
  { name: 'gemm 1024', kind: 'gemm', M: 1024, N: 1024, K: 1024, macs: 1024 ** 3 },
  mlp(256, 256),
  mlp(1024, 1024),
  {
    name: 'cnn 32-64-128',
    kind: 'cnn',
    batch: 128,
    imageSize: 784,
    macs: 3 * 128 * (26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1600 * 128 + 1280),
  },
  vgg(1),
  vgg(64),
  // Beside PyTorch only: no JavaScript peer trains it in less than minutes a step.
  { name: 'vgg-small training', kind: 'vgg-training', batch: 128, imageSize: 3072, macs: 3 * 128 * vggMacs, peers: ['bitgauss', 'torch'] },
];
