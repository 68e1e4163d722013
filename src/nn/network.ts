/**
 * A built network: steps with their memory, forward, backward and loss on one batch.
 *
 * @module
 */
import { argmax } from '../core/argmax.js';
import { argumentError, requireInteger, requireOneOf } from '../core/errors.js';
import { buildBlock } from './block.js';
import { Builder, type NetworkOptions } from './build-context.js';
import { fuse } from './fuse.js';
import { gradientTypes } from './gradient-format.js';
import type { GradientReport } from './gradient-log.js';
import type { Pass, Step } from './layer.js';
import { Lowering } from './lowering.js';
import type { BinaryParameter, RealParameter } from './parameter.js';
import type { Sequential } from './sequential.js';
import { features, type MapShape, type RealTensor, type Tensor } from './tensor.js';

/** Where images come from: u8 through a table of normalised values per channel (`core/normalization`), or f32 as they are. */
export interface NetworkInput {
  shape: MapShape;
  type: 'u8' | 'f32';
  /** f32 [channels * 256], for u8. */
  table?: Float32Array;
}

/** The softmax of one image must fit in the scratch memory: 65,536 bytes of f64 (cross_entropy.ts). */
const MAX_CLASSES = 8192;

export interface BatchResult {
  /** Mean over the images that count. */
  loss: number;
  correct: number;
}

export class Network {
  readonly model: Sequential;
  readonly steps: readonly Step[];
  readonly batchSize: number;
  readonly groups: number;
  readonly classes: number;
  readonly input: NetworkInput;
  readonly #options: NetworkOptions;
  readonly #builder: Builder;
  readonly #images: number;
  readonly #labels: number;
  readonly #losses: number;
  readonly #table: number;
  readonly #x: RealTensor;
  readonly #logits: RealTensor;
  #masked = -1;

  constructor(model: Sequential, input: NetworkInput, classes: number, options: NetworkOptions) {
    requireInteger('batchSize', options.batchSize, 1, 65536);
    requireInteger('classes', classes, 1, MAX_CLASSES);
    requireOneOf('gradients', options.gradients, gradientTypes());
    const { arena } = options.runtime;
    this.model = model;
    this.input = input;
    this.classes = classes;
    this.batchSize = options.batchSize;
    this.#options = options;
    const builder = new Builder(options);
    this.#builder = builder;
    this.groups = builder.groups;
    const images = builder.groups * 64;
    const size = features(input.shape);
    this.#images = arena.allocate(images * size * (input.type === 'u8' ? 1 : 4), 'data');
    this.#labels = arena.allocate(images * 4, 'data');
    this.#losses = arena.allocate(images * 8, 'data');
    this.#table = arena.allocate(input.shape.channels * 1024, 'data');
    if (input.table !== undefined) arena.f32(this.#table, input.table.length).set(input.table);
    this.#x = { kind: 'f32', shape: input.shape, data: builder.data(images * size * 4), gradient: undefined };
    const { steps, output } = build(builder, model, this.#x);
    this.steps = steps;
    if (output.kind !== 'f32' || features(output.shape) !== classes || output.shape.channels !== classes) {
      const { height, width, channels } = output.shape;
      throw argumentError(
        'model: output',
        [height, width, channels],
        `${classes} features, one per class: end with flatten() and linear(${classes})`,
      );
    }
    if (output.gradient === undefined)
      throw argumentError(
        'model',
        model.layers.map(({ type }) => type),
        'at least one layer that learns',
      );
    this.#logits = output;
    builder.place();
  }

  get binaryParameters(): BinaryParameter[] {
    return this.steps.flatMap((step) => step.parameters).filter((parameter) => parameter.kind === 'binary');
  }

  get realParameters(): RealParameter[] {
    return this.steps.flatMap((step) => step.parameters).filter((parameter) => parameter.kind === 'real');
  }

  /** Images that the memory holds: the batch size, rounded up to whole groups. */
  get capacity(): number {
    return this.groups * 64;
  }

  /** Memory for up to `capacity` images: fill it, then call `forward` before any other allocation. */
  batchViews(): { images: Uint8Array | Float32Array; labels: Int32Array } {
    const { arena } = this.#options.runtime;
    const length = this.capacity * features(this.input.shape);
    return {
      images: this.input.type === 'u8' ? arena.u8(this.#images, length) : arena.f32(this.#images, length),
      labels: arena.i32(this.#labels, this.capacity),
    };
  }

  /** What the last step that was logged said about its gradients; empty where none was since the last call. */
  gradientReports(): GradientReport[] {
    return this.#builder.gradientLog?.take() ?? [];
  }

  /** From images to logits, step by step, so that the caller can pause in between. */
  *forward(pass: Pass): Generator<void> {
    const { runtime } = this.#options;
    runtime.profiler?.enter('input', 'forward');
    this.#setMask(pass.count);
    const size = features(this.input.shape);
    const items = this.groups * Math.ceil(size / 64);
    if (this.input.type === 'u8') {
      yield* runtime.pieces(
        'input_u8_f32',
        items,
        this.#images,
        this.#table,
        this.#x.data.pointer,
        size,
        this.input.shape.channels,
        pass.count,
      );
    } else {
      yield* runtime.pieces('input_f32_f32', items, this.#images, this.#x.data.pointer, size, pass.count);
    }
    for (const step of this.steps) {
      runtime.profiler?.enter(step.name, 'forward');
      yield* step.forward(pass);
      yield;
    }
  }

  /** Loss and the gradient of the logits. Call after `forward`. `labelSmoothing`: share of the target, 0..1, that all classes have alike. */
  loss(count: number, labelSmoothing = 0): BatchResult {
    const { runtime } = this.#options;
    runtime.profiler?.enter('loss', 'forward');
    const gradient = this.#logits.gradient?.pointer ?? 0;
    const pointers = [this.#logits.data.pointer, this.#labels, this.#losses, gradient];
    runtime.run('cross_entropy_f32', this.groups, ...pointers, this.classes, count, labelSmoothing);
    const losses = runtime.arena.f64(this.#losses, count);
    const labels = runtime.arena.i32(this.#labels, count);
    const logits = this.logits(count);
    let loss = 0;
    let correct = 0;
    for (let i = 0; i < count; i++) {
      loss += losses[i];
      if (argmax(logits, i * this.classes, this.classes) === labels[i]) correct++;
    }
    return { loss: loss / count, correct };
  }

  /** Logits of the first `count` images, [count][classes]. */
  logits(count: number): Float32Array {
    const { classes } = this;
    const source = this.#options.runtime.arena.f32(this.#logits.data.pointer, this.groups * classes * 64);
    const logits = new Float32Array(count * classes);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < classes; c++) logits[i * classes + c] = source[((i >> 6) * classes + c) * 64 + (i & 63)];
    }
    return logits;
  }

  *backward(pass: Pass): Generator<void> {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i];
      this.#options.runtime.profiler?.enter(step.name, 'backward');
      yield* step.backward(pass);
      yield;
    }
  }

  /** Inference operations of the network in evaluation mode, with the binary weights as they are sampled now. */
  lower(): Lowering {
    const lowering = new Lowering();
    for (const step of this.steps) step.lower(lowering);
    return lowering;
  }

  #setMask(count: number): void {
    if (count === this.#masked) return;
    this.#masked = count;
    const { arena } = this.#options.runtime;
    const images = this.groups * 64;
    const mask = arena.u32(this.#builder.mask, images);
    const bytes = arena.i8(this.#builder.byteMask, images);
    for (let i = 0; i < images; i++) {
      mask[i] = i < count ? 0xffffffff : 0;
      bytes[i] = i < count ? -1 : 0;
    }
  }
}

function build(builder: Builder, model: Sequential, input: Tensor): { steps: Step[]; output: Tensor } {
  const steps: Step[] = [];
  const { arena } = builder.runtime;
  let tensor = input;
  for (const plan of fuse(model.layers)) {
    const x = tensor;
    if (plan.kind === 'block') {
      if (x.kind === 'bits') throw new Error(`${plan.name}: a block cannot take signs`);
      steps.push(arena.attribute(plan.name, () => buildBlock(builder, plan, x)));
      builder.index++;
    } else {
      const { layer, name } = plan;
      if (layer.stage === 'product') {
        steps.push(arena.attribute(name, () => layer.build(builder, name, x)));
        builder.index++;
      } else if (layer.stage === 'reshape') steps.push(reshapeStep(name, layer.type, x, layer.reshape(x.shape)));
    }
    tensor = steps[steps.length - 1].output;
  }
  return { steps, output: tensor };
}

/** The same memory under another shape. */
function reshapeStep(name: string, type: string, input: Tensor, shape: MapShape): Step {
  // A view, so that what the consumer sets on it (the scale of the gradient) reaches the producer.
  const output = Object.create(input, { shape: { value: shape, enumerable: true }, product: { value: undefined } }) as Tensor;
  return {
    name,
    output,
    parameters: [],
    macs: 0,
    binaryMacs: 0,
    *forward() {},
    // biome-ignore lint/correctness/useYield: nothing to pause in
    *backward() {
      if (input.kind === 'bits' && output.kind === 'bits') input.gradientScale = output.gradientScale;
    },
    lower: (lowering) => lowering.op(type),
  };
}
