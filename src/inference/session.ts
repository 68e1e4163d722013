/**
 * A model in memory: constants and buffers laid out once, then images through the operations, one at a time.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { normalizationTable } from '../core/normalization.js';
import type { DtypeArray } from '../format/dtypes.js';
import { type Activation, KIND_BYTES, type Kind } from './activation.js';
import type { Graph } from './graph.js';
import { type Image, pixelSize } from './image.js';
import type { Addresses } from './op.js';
import { type Lifetime, planBuffers } from './plan.js';
import { InferenceRuntime, type Split } from './runtime.js';

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
    const classBytes = header.labels.length * 4;
    const constants: DtypeArray[] = [
      type === 'u8' ? normalizationTable(mean, std) : new Float32Array(0),
      ...ops.flatMap((op) => op.constants),
    ];
    // Step 0 normalises the image, step i + 1 runs operation i, the last one the softmax.
    const end = ops.length + 1;
    const buffers: Lifetime[] = [
      ...constants.map(({ byteLength }) => ({ bytes: byteLength, first: 0, last: end })),
      { bytes: height * width * channels * 4, first: 0, last: 0 },
      { bytes: input.bytes, first: 0, last: 1 },
      ...ops.flatMap(({ output, workspaceBytes }, i) => [
        { bytes: output.bytes, first: i + 1, last: i + 2 },
        { bytes: workspaceBytes, first: i + 1, last: i + 1 },
      ]),
      { bytes: classBytes, first: end, last: end },
      { bytes: classBytes, first: end, last: end },
    ];
    const plan = planBuffers(buffers);
    const base = runtime.reserve(plan.bytes);
    const addresses = plan.offsets.map((offset) => base + offset);
    const memory = new Uint8Array(runtime.memory.buffer);
    constants.forEach(({ buffer, byteOffset, byteLength }, i) => {
      memory.set(new Uint8Array(buffer, byteOffset, byteLength), addresses[i]);
    });
    const next = (count: number): number[] => addresses.splice(0, count);
    [this.#table] = next(1);
    const places = ops.map((op) => next(op.constants.length));
    [this.#image, this.#input] = next(2);
    let x = this.#input + input.offset;
    this.#ops = ops.map((op, i) => {
      const [output, workspace] = next(2);
      const y = output + op.output.offset;
      const at: Addresses = { x, y, constants: places[i], workspace };
      x = y;
      return at;
    });
    [this.#logits, this.#probabilities] = next(2);
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
    const x = this.#input + input.offset;
    if (image instanceof Float32Array) {
      new Float32Array(buffer, this.#image, image.length).set(image);
      this.#runtime.run('input_f32_f32', items, this.#image, x, input.stride, positions, channels);
    } else {
      new Uint8Array(buffer, this.#image, image.length).set(image);
      this.#runtime.run('input_u8_f32', items, this.#image, this.#table, x, input.stride, positions, pixel, channels);
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
