// Runs a model file, then trains a network on two threads and runs that.
import { loadModel } from 'bitgauss';
import { strokeImage } from 'bitgauss/data';
import { trainDigits } from './train.ts';

/** A seven, drawn with one stroke: x, y, x, y, … */
const seven = strokeImage([[4, 0, 28, 0, 14, 40]]);

const mnist = await loadModel(await Bun.file(new URL('../models/mnist-convnet.safetensors', import.meta.url)).bytes());
const { name, probabilities, label } = mnist.predict(seven);
console.log(`trained on MNIST: ${name}, ${(100 * probabilities[label]).toFixed(1)} %`);

const bytes = await trainDigits(2, (event) => {
  if (event.type === 'start') console.log(`training on ${event.threads} threads`);
  if (event.type === 'epoch') console.log(`epoch ${event.epoch + 1}: loss ${event.loss.toFixed(3)}`);
  if (event.type === 'done')
    console.log(`test accuracy ${(100 * (event.testAccuracy ?? 0)).toFixed(1)} %, ${event.imagesPerSecond.toFixed(0)} images/s`);
});
await Bun.write('digits.safetensors', bytes);

const digits = await loadModel(bytes);
console.log(`trained here: ${digits.predict(seven).name}; digits.safetensors, ${bytes.length} bytes`);
