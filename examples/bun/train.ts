import { digits } from 'bitgauss/data';
import { convnet, fit, type TrainEvent, vispa } from 'bitgauss/train';

/** Trains a small network on the built-in digits: the bytes of its file, the same on every host and on any number of threads. */
export async function trainDigits(threads: number, onEvent?: (event: TrainEvent) => void): Promise<Uint8Array<ArrayBuffer>> {
  const { model } = await fit({
    model: ({ classes }) => convnet({ classes, width: 0.25 }),
    data: digits({ train: 4000, test: 500 }),
    method: vispa(),
    epochs: 3,
    seed: 1,
    threads,
    onEvent,
  });
  return model;
}
