// Augmentation of 32 x 32 x 3 images, u8: microseconds per image, random stream included.
//   npm run bench -- augment

import { RandomStream } from '../../build/js/core/random.js';
import { cropFlip } from '../../build/js/data/augment.js';
import { interleave } from '../harness.mjs';

const IMAGES = 5000;
const shape = { height: 32, width: 32, channels: 3 };
const size = 32 * 32 * 3;
const images = new Uint8Array(IMAGES * size).map((_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
const into = new Uint8Array(IMAGES * size);

/** Augments all images, for an epoch of their own each time. */
function run(augmentation) {
  let epoch = 0;
  return () => {
    for (let i = 0; i < IMAGES; i++) {
      const at = i * size;
      const random = new RandomStream(0, 'augment', epoch, i);
      augmentation.apply(images.subarray(at, at + size), into.subarray(at, at + size), shape, random);
    }
    epoch++;
  };
}

const times = interleave({ 'crop and flip': run(cropFlip()), 'crop only': run(cropFlip({ flip: false })) }, 40);
for (const [name, { median, best, spread }] of Object.entries(times)) {
  const us = (ms) => ((ms / IMAGES) * 1000).toFixed(2);
  console.log(`${name}: ${us(median)} µs per image (best ${us(best)}, spread ${(100 * spread).toFixed(0)} %)`);
}
