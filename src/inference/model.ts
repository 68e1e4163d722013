/**
 * A model file, ready to classify images.
 *
 * @module
 */
import { argmax } from '../core/argmax.js';
import { argumentError } from '../core/errors.js';
import { readGraph } from './graph.js';
import type { Image } from './image.js';
import { Session } from './session.js';

export interface LoadOptions {
  /** A compiled `bitgauss/wasm/inference.wasm`, for hosts that do not compile at run time. */
  module?: WebAssembly.Module;
}

export interface OpSummary {
  readonly name: string;
  /** [height, width, channels] */
  readonly outputShape: readonly number[];
  /** Multiply-accumulates of one image, padding counted. */
  readonly macs: number;
  /** Bytes of its tensors in the file. */
  readonly bytes: number;
}

export interface Prediction {
  /** f32 [classes] */
  logits: Float32Array;
  /** f32 [classes], softmax of the logits; the same bits on every host. */
  probabilities: Float32Array;
  /** The class with the greatest logit, the first of equals. */
  label: number;
  /** Its name. */
  name: string;
}

export interface InputShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** 'u8': pixels 0..255; 'f32': numbers, already normalised. */
  readonly type: 'u8' | 'f32';
}

/** Reads, checks and prepares a model file. Throws a `BitgaussError` 'format' that says what is wrong with it. */
export async function loadModel(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
  const isBytes = bytes instanceof Uint8Array || Object.prototype.toString.call(bytes) === '[object ArrayBuffer]';
  if (!isBytes) throw argumentError('bytes', bytes, 'the Uint8Array or ArrayBuffer of a model file');
  const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const session = await Session.create(readGraph(file), options);
  return new Model(session, file.length);
}

/** Made by `loadModel`. */
export class Model {
  readonly input: InputShape;
  readonly labels: readonly string[];
  readonly ops: readonly OpSummary[];
  /** Bytes of the file. */
  readonly bytes: number;
  /** Bytes of wasm memory: weights, buffers and scratch memory. */
  readonly memoryBytes: number;
  readonly #session: Session;

  /** @internal */
  constructor(session: Session, bytes: number) {
    const { header, ops } = session.graph;
    const { height, width, channels, type } = header.input;
    this.input = { height, width, channels, type };
    this.labels = header.labels;
    this.ops = ops.map(({ name, output, macs, bytes }) => ({
      name,
      outputShape: [output.height, output.width, output.channels],
      macs,
      bytes,
    }));
    this.bytes = bytes;
    this.memoryBytes = session.memoryBytes;
    this.#session = session;
  }

  /**
   * Classifies one image [height][width][channel]: bytes 0..255 for a 'u8' model (RGBA for one of 3 channels: alpha is dropped), or
   * a Float32Array, already normalised. Nothing is resized; anything else throws. The arrays of the result are fresh.
   */
  predict(image: Image): Prediction {
    const { logits, probabilities } = this.#session.run(image);
    const label = argmax(logits, 0, logits.length);
    return { logits, probabilities, label, name: this.labels[label] };
  }
}
