/**
 * A model in memory: laid out once, then images through the operations, one at a time.
 *
 * The networks of an ensemble share constants that are the same, all buffers, and the work of the operations before the first difference.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import type { Split } from '../wasm/kernels.js';
import { type Activation, KIND_BYTES } from './activation.js';
import type { Graph } from './graph.js';
import { type Image, pixelSize } from './image.js';
import { type Layout, layOut } from './layout.js';
import { InferenceRuntime } from './runtime.js';

/** The output of one operation, in [H][W][C] order. */
type Values = Float32Array | Int16Array | Int8Array;

/** Logits, or an error that says which of them is no number. */
export function requireFinite(logits: Float32Array): Float32Array {
  const bad = logits.findIndex((value) => !Number.isFinite(value));
  if (bad === -1) return logits;
  throw new BitgaussError('numeric', `logits[${bad}]: got ${logits[bad]}, expected a finite number: the weights of this model overflow`);
}

export class Session {
  readonly graph: Graph;
  readonly #runtime: InferenceRuntime;
  readonly #at: Omit<Layout, 'constants'>;

  private constructor(graph: Graph, runtime: InferenceRuntime) {
    const { constants, ...at } = layOut(graph, (bytes) => runtime.reserve(bytes));
    const memory = new Uint8Array(runtime.memory.buffer);
    for (const [values, address] of constants) memory.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
    this.graph = graph;
    this.#runtime = runtime;
    this.#at = at;
  }

  static create(graph: Graph, options: { module?: WebAssembly.Module; split?: Split } = {}): Session {
    return new Session(graph, InferenceRuntime.create(options.module, options.split));
  }

  /** Bytes of wasm memory: in all, constants, buffers, and by operation. */
  get memory(): { total: number } & Pick<Layout, 'constantBytes' | 'bufferBytes' | 'opMemory'> {
    return { total: this.#runtime.memory.buffer.byteLength, ...this.#at };
  }

  /** Takes an image and does what all networks have in common. */
  start(image: Image): void {
    this.#setInput(image);
    for (let i = 0; i < this.#at.shared; i++) this.#runOp(0, i);
  }

  /** Logits of the base network (0) or of member `network - 1` for the image that was started: a fresh copy. */
  logits(network: number): Float32Array {
    const { ops } = this.graph;
    for (let i = this.#at.shared; i < ops.length; i++) this.#runOp(network, i);
    return requireFinite(this.#outputOf(ops.length - 1) as Float32Array);
  }

  /** What the base network's operations from `first` on give. */
  outputs(image: Image, first: number = 0): Values[] {
    this.#setInput(image);
    return this.graph.ops.flatMap((_, i) => {
      this.#runOp(0, i);
      return i < first ? [] : [this.#outputOf(i)];
    });
  }

  #runOp(network: number, i: number): void {
    this.graph.ops[i].run(this.#runtime.run, this.#at.networks[network][i]);
  }

  #setInput(image: Image): void {
    const { input, header } = this.graph;
    const pixel = pixelSize(image, header.input);
    const { height, width, channels } = input;
    const positions = height * width;
    const items = Math.ceil(positions / 16);
    const { buffer } = this.#runtime.memory;
    const at = this.#at;
    if (image instanceof Float32Array) {
      new Float32Array(buffer, at.image, image.length).set(image);
      this.#runtime.run('input_f32_f32', items, at.image, at.input, input.stride, positions, channels);
    } else {
      new Uint8Array(buffer, at.image, image.length).set(image);
      this.#runtime.run('input_u8_f32', items, at.image, at.table, at.input, input.stride, positions, pixel, channels);
    }
  }

  /** Copies the planes of an operation's output to [H][W][C]. */
  #outputOf(i: number): Values {
    const { kind, height, width, channels, stride }: Activation = this.graph.ops[i].output;
    const type = kind === 'f32' ? Float32Array : kind === 'int16' ? Int16Array : Int8Array;
    const positions = height * width;
    const step = stride / KIND_BYTES[kind];
    const memory = new type(this.#runtime.memory.buffer, this.#at.networks[0][i].y);
    const values = new type(positions * channels);
    for (let p = 0, n = 0; p < positions; p++) for (let c = 0; c < channels; c++) values[n++] = memory[c * step + p];
    return values;
  }
}
