/**
 * A model file, ready to classify images: one network, or an ensemble that votes.
 *
 * @module
 */
import { argumentError, BitgaussError, requireOneOf } from '../core/errors.js';
import { compileSync, download, type ModuleBytes, type ModuleSource, requireBytes } from '../wasm/binary.js';
import { BINARY_KERNELS, type BinaryKernel } from './binary-kernels.js';
import { readGraph } from './graph.js';
import type { Image } from './image.js';
import type { OpMemory } from './layout.js';
import { InferenceRuntime, inferenceModule } from './runtime.js';
import { chooseKernels } from './self-test.js';
import { requireFinite, Session } from './session.js';
import { softmax } from './softmax.js';
import { Vote } from './vote.js';

export interface LoadSyncOptions {
  /** `bitgauss/wasm/inference.wasm`, a module or its bytes. Default: the one that comes with the package. */
  module?: ModuleBytes;
  /**
   * How binary convolutions are computed; the result is the same. By default 'lookup', by tables; 'popcount', by XNOR and popcount, may be
   * faster on small processors; 'auto' tries both for up to 20 ms and takes the faster one for each convolution (`Model.ops` tells which).
   */
  kernels?: BinaryKernel | 'auto';
}

export interface LoadOptions extends Omit<LoadSyncOptions, 'module'> {
  /** `bitgauss/wasm/inference.wasm`: a module, its bytes or a response, or a promise of one: `fetch(url)`. Default: the one that comes with the package. */
  module?: ModuleSource | PromiseLike<ModuleSource>;
}

export interface OpSummary {
  readonly name: string;
  /** [height, width, channels] */
  readonly outputShape: readonly number[];
  /** Multiply-accumulates of one image, padding counted. */
  readonly macs: number;
  /** Bytes of its tensors in the file; members have their own (`Model.memberBytes`). */
  readonly bytes: number;
  /** Bytes of wasm memory. */
  readonly memory: OpMemory;
  /** Of `conv2d_b1b1` and `linear_b1b1`: how they are computed. */
  readonly kernel?: BinaryKernel;
}

/** Bytes of wasm memory; they add up to `Model.memoryBytes`. */
export interface MemorySummary {
  /** Weights and other constants of every network in the file; what networks share is there once. */
  readonly constants: number;
  /** The image, outputs of operations and workspaces: buffers that live at different times share memory. */
  readonly activations: number;
  /** Stack and scratch memory of kernels, and what rounding up to whole pages of 64 KiB adds. */
  readonly scratch: number;
}

export interface PredictOptions {
  /** 'mode': the base network alone, of an ensemble, too. By default all members of an ensemble vote. */
  draw?: 'mode';
  /**
   * Between 0.5 and 1, of an ensemble: members run one after the other until the vote of all would give the same label with this
   * probability or more (`vote.ts` says how), or all have run.
   */
  until?: number;
}

export interface Prediction {
  /** f32 [classes]; of an ensemble the mean over the members that ran. */
  logits: Float32Array;
  /** f32 [classes], softmax of the logits; the same bits on every host. */
  probabilities: Float32Array;
  /** The class with the greatest logit (of an ensemble: sum of logits, before it is rounded), the first of equals. */
  label: number;
  /** Its name. */
  name: string;
  /** Networks that ran: 1, or the members of the ensemble that it took. */
  members: number;
}

export interface Embedding {
  /** f32 [features] in the order of the last layer's weights; ±1 where that layer is binary. */
  embedding: Float32Array;
  /** f32 [classes] */
  logits: Float32Array;
}

export interface InputShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** 'u8': pixels 0..255; 'f32': numbers, already normalised. */
  readonly type: 'u8' | 'f32';
}

/** Reads, checks and prepares a model file. Rejects with a `BitgaussError` 'format' that says what is wrong with it. */
export async function loadModel(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
  const { module } = options;
  return loadModelSync(bytes, { ...options, module: module && compileSync('inference', await download(module)) });
}

/** The same at once. */
export function loadModelSync(bytes: Uint8Array | ArrayBuffer, options: LoadSyncOptions = {}): Model {
  const file = requireBytes('bytes', bytes, 'the Uint8Array or ArrayBuffer of a model file');
  const { kernels = 'lookup' } = options;
  requireOneOf('kernels', kernels, [...BINARY_KERNELS, 'auto']);
  let graph = readGraph(file, () => (kernels === 'auto' ? 'lookup' : kernels));
  const module = options.module === undefined ? inferenceModule() : compileSync('inference', options.module);
  if (kernels === 'auto') {
    const chosen = chooseKernels(graph.ops, InferenceRuntime.create(module), () => performance.now());
    if (chosen.includes('popcount')) graph = readGraph(file, (i) => chosen[i]);
  }
  return new Model(Session.create(graph, { module }), file.length);
}

/** Made by `loadModel`. */
export class Model {
  readonly input: InputShape;
  readonly labels: readonly string[];
  readonly ops: readonly OpSummary[];
  /** Bytes of the file. */
  readonly bytes: number;
  /** Networks that vote, besides the base network; 0 where the file holds one network. */
  readonly members: number;
  /** Bytes in the file of what each member has of its own. */
  readonly memberBytes: readonly number[];
  /** Bytes of wasm memory: weights, buffers and scratch memory. */
  readonly memoryBytes: number;
  readonly memory: MemorySummary;
  readonly #session: Session;

  /** @internal */
  constructor(session: Session, bytes: number) {
    const { header, ops, members } = session.graph;
    const { total, constantBytes, bufferBytes, opMemory } = session.memory;
    const { height, width, channels, type } = header.input;
    this.input = { height, width, channels, type };
    this.labels = header.labels;
    this.ops = ops.map(({ name, output, macs, bytes, kernel }, i) => ({
      name,
      outputShape: [output.height, output.width, output.channels],
      macs,
      bytes,
      memory: opMemory[i],
      ...(kernel === undefined ? {} : { kernel }),
    }));
    this.bytes = bytes;
    this.members = members.length;
    this.memberBytes = members.map((member) => member.bytes);
    this.memoryBytes = total;
    this.memory = { constants: constantBytes, activations: bufferBytes, scratch: total - constantBytes - bufferBytes };
    this.#session = session;
  }

  /**
   * Classifies one image [height][width][channel]: bytes 0..255 for a 'u8' model (RGBA for one of 3 channels: alpha is dropped), or
   * a Float32Array, already normalised. Nothing is resized; anything else throws. The arrays of the result are fresh. All members of an
   * ensemble vote unless `options` say otherwise.
   */
  predict(image: Image, options: PredictOptions = {}): Prediction {
    const voters = this.#voters(options);
    const session = this.#session;
    session.start(image);
    const vote = new Vote(this.labels.length, voters.length);
    for (const network of voters) {
      vote.add(session.logits(network));
      if (options.until !== undefined && vote.isSettled(options.until)) break;
    }
    const { mean: logits, label, members } = vote;
    return { logits, probabilities: softmax(logits), label, name: this.labels[label], members };
  }

  /**
   * What the last layer takes of an image, and the logits that it gives: to compare images, or for a head of your own. Of an ensemble both are the
   * base network's. Takes an image as `predict` does.
   */
  embed(image: Image): Embedding {
    const last = this.ops.findLastIndex(({ macs }) => macs > 0);
    if (last < 1) throw new BitgaussError('unsupported', 'embed: got a model that begins with its last layer, expected one before it');
    const outputs = this.#session.outputs(image, last - 1);
    return { embedding: Float32Array.from(outputs[0]), logits: requireFinite(outputs.at(-1) as Float32Array) };
  }

  /** The networks that may run: 0 is the base, n is member n - 1. */
  #voters({ draw, until }: PredictOptions): number[] {
    if (draw !== undefined && draw !== 'mode') throw argumentError('draw', draw, '"mode", or none');
    const mode = draw === 'mode' || this.members === 0;
    if (until !== undefined) {
      if (!(typeof until === 'number' && until > 0.5 && until < 1)) throw argumentError('until', until, 'a number above 0.5 and below 1');
      if (mode) throw argumentError('until', until, 'none where one network runs');
    }
    return mode ? [0] : Array.from({ length: this.members }, (_, i) => i + 1);
  }
}
