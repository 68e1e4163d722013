// Builds model files with random weights, and runs them by the definitions in test/oracle.

import { type WritableModel, writeModel } from '../../src/format/model-write.js';
import type { WritableTensor } from '../../src/format/safetensors-write.js';
import { affine, hardtanh, prelu, quantize, sign, threshold } from '../oracle/elementwise.js';
import { conv2d, outputSize } from '../oracle/inference-conv2d.js';
import { linear } from '../oracle/linear.js';
import { maxPool2d } from '../oracle/max-pool2d.js';
import { packSigns } from './pack-signs.js';
import type { TestRandom } from './random.js';

export interface Step {
  op: string;
  kind: 'f32' | 'int16' | 'bits';
  shape: [number, number, number];
  /** [H][W][C] in, [H][W][C] out, by the definition. */
  evaluate: (x: number[]) => number[];
}

type Shape = [number, number, number];

/** Each method adds an operation behind the last one. */
export class ModelFile {
  readonly model: WritableModel;
  readonly tensors: Map<string, WritableTensor> = new Map();
  readonly steps: Step[] = [];
  readonly #numbers: TestRandom;

  constructor(numbers: TestRandom, shape: Shape, type: 'u8' | 'f32' = 'u8') {
    this.#numbers = numbers;
    const [height, width, channels] = shape;
    const mean = Array.from({ length: channels }, () => 0.3 + 0.4 * numbers.uniform());
    const std = Array.from({ length: channels }, () => 0.2 + 0.2 * numbers.uniform());
    this.model = { input: { height, width, channels, mean, std, type }, labels: [], ops: [] };
  }

  get shape(): Shape {
    const { height, width, channels } = this.model.input;
    return this.steps.at(-1)?.shape ?? [height, width, channels];
  }

  get channels(): number {
    return this.shape[2];
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const labels = Array.from({ length: this.channels }, (_, i) => String(i));
    return writeModel({ ...this.model, labels }, this.tensors);
  }

  /** What every operation gives for a normalised image. */
  evaluate(x: number[]): number[][] {
    let value = x;
    return this.steps.map((step) => {
      value = step.evaluate(value);
      return value;
    });
  }

  /** The image as the first operation sees it. */
  normalise(image: ArrayLike<number>): number[] {
    const { mean, std, channels } = this.model.input;
    return Array.from(image, (value, i) => Math.fround((value / 255 - mean[i % channels]) / std[i % channels]));
  }

  conv2dF32(cout: number, kernel: number, stride: number, padding: number, bias: boolean): this {
    const [height, width, cin] = this.shape;
    const sizes = { height, width, cin, cout, kernelHeight: kernel, kernelWidth: kernel, stride, padding };
    const w = this.#numbers.floats(cout * kernel * kernel * cin);
    const b = bias ? this.#numbers.floats(cout) : undefined;
    const attributes = { weight: this.#tensor('F32', [cout, kernel, kernel, cin], w), stride, padding };
    return this.#step(
      'conv2d_f32',
      b === undefined ? attributes : { ...attributes, bias: this.#tensor('F32', [cout], b) },
      'f32',
      [...outputSize(sizes), cout],
      (x) => conv2d(x, w, sizes, Math.fround, b),
    );
  }

  conv2dF32b1(cout: number, kernel: number, stride: number, padding: number): this {
    const [height, width, cin] = this.shape;
    const sizes = { height, width, cin, cout, kernelHeight: kernel, kernelWidth: kernel, stride, padding };
    const w = this.#numbers.signs(cout * kernel * kernel * cin);
    const weight = this.#tensor('U8', [cout, kernel, kernel, Math.ceil(cin / 8)], packSigns(w, cin));
    return this.#step('conv2d_f32b1', { weight, cin, stride, padding }, 'f32', [...outputSize(sizes), cout], (x) =>
      conv2d(x, w, sizes, Math.fround),
    );
  }

  linearF32b1(cout: number): this {
    const cin = this.channels;
    const w = this.#numbers.signs(cout * cin);
    const weight = this.#tensor('U8', [cout, 1, 1, Math.ceil(cin / 8)], packSigns(w, cin));
    return this.#step('linear_f32b1', { weight, cin }, 'f32', [1, 1, cout], (x) => linear(x, w, cout, Math.fround));
  }

  linearF32(cout: number, bias: boolean): this {
    const w = this.#numbers.floats(cout * this.channels);
    const b = bias ? this.#numbers.floats(cout) : undefined;
    const attributes = { weight: this.#tensor('F32', [cout, this.channels], w) };
    return this.#step(
      'linear_f32',
      b === undefined ? attributes : { ...attributes, bias: this.#tensor('F32', [cout], b) },
      'f32',
      [1, 1, cout],
      (x) => linear(x, w, cout, Math.fround, b),
    );
  }

  conv2dB1b1(cout: number, kernel: number, stride: number, padding: number): this {
    const [height, width, cin] = this.shape;
    const sizes = { height, width, cin, cout, kernelHeight: kernel, kernelWidth: kernel, stride, padding };
    const w = this.#numbers.signs(cout * kernel * kernel * cin);
    const weight = this.#tensor('U8', [cout, kernel, kernel, Math.ceil(cin / 8)], packSigns(w, cin));
    return this.#step('conv2d_b1b1', { weight, cin, stride, padding }, 'int16', [...outputSize(sizes), cout], (x) => conv2d(x, w, sizes));
  }

  linearB1b1(cout: number): this {
    const cin = this.channels;
    const w = this.#numbers.signs(cout * cin);
    const weight = this.#tensor('U8', [cout, 1, 1, Math.ceil(cin / 8)], packSigns(w, cin));
    return this.#step('linear_b1b1', { weight, cin }, 'int16', [1, 1, cout], (x) => linear(x, w, cout));
  }

  maxPool2d(size: number, stride: number): this {
    const [height, width, channels] = this.shape;
    const [outHeight, outWidth] = [height, width].map((n) => Math.floor((n - size) / stride) + 1);
    const kind = this.steps.at(-1)?.kind ?? 'f32';
    return this.#step('max_pool2d', { size, stride }, kind, [outHeight, outWidth, channels], (x) =>
      maxPool2d(x, height, width, channels, size, stride),
    );
  }

  affine(): this {
    const [scale, shift] = [this.#numbers.floats(this.channels), this.#numbers.floats(this.channels)];
    const attributes = { scale: this.#tensor('F32', [this.channels], scale), shift: this.#tensor('F32', [this.channels], shift) };
    return this.#step('affine', attributes, 'f32', this.shape, (x) => affine(x, scale, shift));
  }

  prelu(): this {
    const slope = this.#numbers.floats(this.channels);
    return this.#step('prelu', { slope: this.#tensor('F32', [this.channels], slope) }, 'f32', this.shape, (x) => prelu(x, slope));
  }

  hardtanh(): this {
    return this.#step('hardtanh', {}, 'f32', this.shape, hardtanh);
  }

  quantize(levels: number): this {
    return this.#step('quantize', { levels }, 'f32', this.shape, (x) => quantize(x, levels));
  }

  sign(): this {
    return this.#step('sign', {}, 'bits', this.shape, sign);
  }

  threshold(): this {
    const t = this.#numbers.integers(this.channels, -5, 5);
    const flip = Uint8Array.from({ length: this.channels }, () => this.#numbers.integer(0, 1));
    const attributes = { threshold: this.#tensor('I16', [this.channels], t), flip: this.#tensor('U8', [this.channels], flip) };
    return this.#step('threshold', attributes, 'bits', this.shape, (x) => threshold(x, t, flip));
  }

  flatten(): this {
    const [height, width, channels] = this.shape;
    return this.#step('flatten', {}, this.steps.at(-1)?.kind ?? 'f32', [1, 1, height * width * channels], (x) => x);
  }

  #tensor(dtype: 'U8' | 'I16' | 'F32', shape: number[], data: Uint8Array | Int16Array | Float32Array): string {
    const name = `tensor ${this.tensors.size}`;
    this.tensors.set(name, { dtype, shape, data });
    return name;
  }

  #step(op: string, attributes: Record<string, string | number>, kind: Step['kind'], shape: Shape, evaluate: Step['evaluate']): this {
    this.model.ops.push({ op, ...attributes });
    this.steps.push({ op, kind, shape, evaluate });
    return this;
  }
}
