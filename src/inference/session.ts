/**
 * A model in memory: constants and buffers laid out once, then images through the operations, one at a time.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { normalizationTable } from '../core/normalization.js';
import type { DtypeArray } from '../format/dtypes.js';
import type { Split } from '../wasm/kernels.js';
import { type Activation, KIND_BYTES, type Kind } from './activation.js';
import type { Graph } from './graph.js';
import { type Image, pixelSize } from './image.js';
import type { Addresses } from './op.js';
import { type Lifetime, planBuffers } from './plan.js';
import { InferenceRuntime } from './runtime.js';

/** The output of one operation, in [H][W][C] order. */
export interface OpOutput {
  readonly op: string;
  readonly kind: Kind;
  readonly shape: readonly [number, number, number];
  readonly values: Float32Array | Int16Array | Int8Array;
}

export class Session {
  readonly graph: Graph;
  readonly #runtime: InferenceRuntime;
  readonly #image: number;
  readonly #table: number;
  readonly #input: number;
  readonly #ops: readonly Addresses[];
  readonly #logits: number;
  readonly #probabilities: number;

  private constructor(graph: Graph, runtime: InferenceRuntime) {
    const { header, input, ops } = graph;
    const { height, width, channels, mean, std, type } = header.input;
    // Step 0 normalises the image, step i + 1 runs operation i, the last one is the softmax.
    const end = ops.length + 1;
    const buffers: Lifetime[] = [];
    const constants: DtypeArray[] = [];
    /** Each returns the index of its buffer. */
    const buffer = (bytes: number, first: number, last: number): number => buffers.push({ bytes, first, last }) - 1;
    const constant = (values: DtypeArray): number => {
      constants.push(values);
      return buffer(values.byteLength, 0, end);
    };
    // Constants come first, so that the index of one is its place in `constants`, too.
    const table = constant(type === 'u8' ? normalizationTable(mean, std) : new Float32Array(0));
    const opConstants = ops.map((op) => op.constants.map(constant));
    const image = buffer(height * width * channels * 4, 0, 0);
    const first = buffer(input.bytes, 0, 1);
    const outputs = ops.map((op, i) => buffer(op.output.bytes, i + 1, i + 2));
    const workspaces = ops.map((op, i) => buffer(op.workspaceBytes, i + 1, i + 1));
    const logits = buffer(header.labels.length * 4, end, end);
    const probabilities = buffer(header.labels.length * 4, end, end);

    const plan = planBuffers(buffers);
    const base = runtime.reserve(plan.bytes);
    const address = (index: number): number => base + plan.offsets[index];
    const memory = new Uint8Array(runtime.memory.buffer);
    constants.forEach((values, i) => {
      memory.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address(i));
    });
    const ys = ops.map((op, i) => address(outputs[i]) + op.output.offset);
    this.#table = address(table);
    this.#image = address(image);
    this.#input = address(first) + input.offset;
    this.#ops = ops.map((_, i) => ({
      x: i === 0 ? this.#input : ys[i - 1],
      y: ys[i],
      constants: opConstants[i].map(address),
      workspace: address(workspaces[i]),
    }));
    this.#logits = address(logits);
    this.#probabilities = address(probabilities);
    this.graph = graph;
    this.#runtime = runtime;
  }

  static async create(graph: Graph, options: { module?: WebAssembly.Module; split?: Split } = {}): Promise<Session> {
    return new Session(graph, await InferenceRuntime.create(options.module, options.split));
  }

  /** Bytes of wasm memory. */
  get memoryBytes(): number {
    return this.#runtime.memory.buffer.byteLength;
  }

  /** Logits and probabilities, fresh copies. */
  run(image: Image): { logits: Float32Array; probabilities: Float32Array } {
    const { ops } = this.graph;
    this.#setInput(image);
    ops.forEach((op, i) => {
      op.run(this.#runtime.run, this.#ops[i]);
    });
    const logits = this.#read(ops[ops.length - 1].output, this.#ops[ops.length - 1].y) as Float32Array;
    const bad = logits.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1)
      throw new BitgaussError(
        'numeric',
        `logits[${bad}]: got ${logits[bad]}, expected a finite number: the weights of this model overflow`,
      );
    new Float32Array(this.#runtime.memory.buffer, this.#logits, logits.length).set(logits);
    this.#runtime.run('softmax_f32', 1, this.#logits, this.#probabilities, logits.length);
    return { logits, probabilities: new Float32Array(this.#runtime.memory.buffer, this.#probabilities, logits.length).slice() };
  }

  /** The output of every operation, for tests that compare inference with training value by value. */
  runWithOutputs(image: Image): OpOutput[] {
    this.#setInput(image);
    return this.graph.ops.map((op, i) => {
      op.run(this.#runtime.run, this.#ops[i]);
      const { kind, height, width, channels } = op.output;
      return { op: op.name, kind, shape: [height, width, channels], values: this.#read(op.output, this.#ops[i].y) };
    });
  }

  #setInput(image: Image): void {
    const { input, header } = this.graph;
    const pixel = pixelSize(image, header.input);
    const { height, width, channels } = input;
    const positions = height * width;
    const items = Math.ceil(positions / 16);
    const { buffer } = this.#runtime.memory;
    if (image instanceof Float32Array) {
      new Float32Array(buffer, this.#image, image.length).set(image);
      this.#runtime.run('input_f32_f32', items, this.#image, this.#input, input.stride, positions, channels);
    } else {
      new Uint8Array(buffer, this.#image, image.length).set(image);
      this.#runtime.run('input_u8_f32', items, this.#image, this.#table, this.#input, input.stride, positions, pixel, channels);
    }
  }

  /** Copies planes at `address` to [H][W][C]. */
  #read({ kind, height, width, channels, stride }: Activation, address: number): OpOutput['values'] {
    const type = kind === 'f32' ? Float32Array : kind === 'int16' ? Int16Array : Int8Array;
    const positions = height * width;
    const step = stride / KIND_BYTES[kind];
    const memory = new type(this.#runtime.memory.buffer, address);
    const values = new type(positions * channels);
    for (let p = 0, i = 0; p < positions; p++) for (let c = 0; c < channels; c++) values[i++] = memory[c * step + p];
    return values;
  }
}
