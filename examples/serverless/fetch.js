// The entry for hosts that take a fetch handler: Deno Deploy and `deno serve`, Bun, Vercel's edge. They fetch files that are deployed with the code.
import { loadModel } from 'bitgauss';
import { classifier } from './classify.js';

const file = await fetch(new URL('../models/mnist-convnet.safetensors', import.meta.url));
const model = await loadModel(await file.arrayBuffer());

export default { fetch: classifier(model) };
