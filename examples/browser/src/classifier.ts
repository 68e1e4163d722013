// The network of the moment, and the page's side of the worker that asks it.
import type { Prediction } from 'bitgauss';
import type { Question, Reply } from './messages.js';
import { type ModelFile, readModelFile } from './model-file.js';

export class Classifier {
  /** The model file. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  file: ModelFile | undefined;
  /** Whether the worker has it: a network in training sends a new one twice a second, and only those that are asked something are handed on. */
  #handed = true;
  readonly #worker = new Worker(new URL('./reader.ts', import.meta.url), { type: 'module', name: 'reader' });
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#waiting.get(data.id)?.(data);
      this.#waiting.delete(data.id);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const [id, reply] of this.#waiting) reply({ id, error: event.message ?? 'the worker that predicts could not be started' });
      this.#waiting.clear();
    };
  }

  set(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.file = readModelFile(bytes);
    this.#handed = false;
  }

  /** Checks a file, then takes it. Rejects with what is wrong with it, and keeps the network that was there. */
  async load(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#ask({ bytes });
    this.set(bytes);
    this.#handed = true;
  }

  /** Undefined while there is no network. */
  classify(pixels: Uint8Array | Uint8ClampedArray): Promise<Prediction | undefined> {
    const bytes = this.#handed ? undefined : this.bytes;
    this.#handed = true;
    return this.#ask({ bytes, pixels });
  }

  async #ask(question: Omit<Question, 'id'>): Promise<Prediction | undefined> {
    const id = ++this.#asked;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, ...question });
    });
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.prediction;
  }
}
