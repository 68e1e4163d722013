import { loadModel } from 'bitgauss';
import url from '../models/mnist-convnet.safetensors';

const response = await fetch(url);
const model = await loadModel(await response.arrayBuffer());

const pixels = new Uint8Array(28 * 28); // a one: a bright bar, upright
for (let y = 4; y < 24; y++) pixels.fill(255, 28 * y + 13, 28 * y + 16);
const { name, logits } = model.predict(pixels);
document.querySelector('output').textContent = `${name}: ${logits.join(' ')}`;
