// The worker that predicts: preparing a network twice a second is nothing to do on the page's own thread.
import { loadModel, type Model } from 'bitgauss';
import type { Question, Reply } from './messages.js';

let model: Model | undefined;

/** One question after the other, in the order in which they came. */
let last: Promise<void> = Promise.resolve();

async function answer({ id, bytes, pixels }: Question): Promise<Reply> {
  try {
    if (bytes !== undefined) model = await loadModel(bytes);
    return { id, prediction: pixels && model?.predict(pixels) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  last = last.then(async () => self.postMessage(await answer(data)));
};
