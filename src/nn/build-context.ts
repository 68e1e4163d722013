/**
 * Lays out a network's memory: parameters at once, activations and workspaces when all steps are known.
 *
 * @module
 */
import { purposeId } from '../core/random.js';
import type { Runtime } from '../core/runtime.js';
import { GRADIENT_FORMATS, type GradientFormat, type GradientType } from './gradient-format.js';
import type { GradientLog, GradientLogging } from './gradient-log.js';
import type { BinaryProductBuilder, BuildContext, Initial } from './layer.js';
import type { BinaryParameter, BinaryShape, RealParameter } from './parameter.js';
import { type MapShape, type ProductGradient, positions, type Slot } from './tensor.js';

export interface NetworkOptions {
  runtime: Runtime;
  /** Images of a batch, 1 or more; memory is laid out in groups of 64. */
  batchSize: number;
  gradients: GradientType;
  /** Keep memory for comparing rounded gradients with exact ones. */
  logGradients?: GradientLogging;
  /** The method gives the weights a scale per filter: `alpha: 'auto'` is off everywhere. */
  scaledWeights?: boolean;
  /** Binary products take real weights in training; their gradients are f32, whatever `gradients` says. */
  realWeights?: BinaryProductBuilder;
  /** Makes binary products in place of the usual ones. */
  products?: BinaryProductBuilder;
  seed: number;
}

export class Builder implements BuildContext {
  readonly runtime: Runtime;
  readonly groups: number;
  readonly gradients: GradientFormat;
  readonly scaledWeights: boolean;
  readonly realWeights: BinaryProductBuilder | undefined;
  readonly products: BinaryProductBuilder | undefined;
  readonly seed: number;
  readonly mask: number;
  readonly byteMask: number;
  /** Where integer gradients are to be compared with exact ones. */
  readonly gradientLog: GradientLog | undefined;
  index = 0;
  readonly #slots: Slot[] = [];

  constructor(options: NetworkOptions) {
    this.runtime = options.runtime;
    this.groups = Math.ceil(options.batchSize / 64);
    this.realWeights = options.realWeights;
    this.products = options.products;
    this.gradients = GRADIENT_FORMATS[options.realWeights === undefined ? options.gradients : 'f32'];
    this.scaledWeights = options.scaledWeights ?? false;
    this.seed = options.seed;
    this.mask = this.runtime.arena.allocate(this.groups * 256, 'workspace');
    this.byteMask = this.runtime.arena.allocate(this.groups * 64, 'workspace');
    if (this.gradients.qmax > 0) this.gradientLog = options.logGradients?.create((name) => this.#slot(0, name));
  }

  data(bytes: number): Slot {
    return this.#slot(bytes, undefined);
  }

  transient(kind: 'data' | 'gradient', bytes: number): Slot {
    return this.#slot(bytes, `${kind}${this.index % 2}`);
  }

  productGradient(shape: MapShape): ProductGradient {
    const { arena } = this.runtime;
    const images = this.groups * 64;
    const bytes = this.#gradientBytes(shape);
    return {
      rows: this.transient('gradient', bytes.rows),
      transposed: this.#slot(bytes.transposed, 'transposed'),
      pool: undefined,
      imageScale: arena.allocate(images * 4, 'gradients'),
      channelScale: arena.allocate(Math.ceil(shape.channels / 32) * 128, 'gradients'),
    };
  }

  poolGradient(gradient: ProductGradient, pooled: MapShape, size: number, argmax: Slot): void {
    const bytes = this.#gradientBytes(pooled);
    gradient.rows.bytes = bytes.rows;
    gradient.transposed.bytes = bytes.transposed;
    // A byte for every lane of the transposed copy.
    gradient.pool = { size, argmax, argmaxTransposed: this.#slot(bytes.transposed / this.gradients.bytes, 'argmax') };
  }

  /** Of the two copies of dY: [G][P][C][64], and tiles of 64 bytes of channels, [tile][G][P][64][64 bytes]. */
  #gradientBytes(shape: MapShape): { rows: number; transposed: number } {
    const { bytes } = this.gradients;
    const values = this.groups * 64 * positions(shape);
    return { rows: values * shape.channels * bytes, transposed: Math.ceil((shape.channels * bytes) / 64) * values * 64 };
  }

  real(name: string, shape: number[], initial: Initial): RealParameter {
    const { arena } = this.runtime;
    const size = shape.reduce((product, n) => product * n, 1);
    const bytes = Math.ceil(size / 4) * 16;
    const parameter: RealParameter = {
      kind: 'real',
      name,
      owner: arena.owner,
      shape,
      size,
      data: arena.allocate(bytes, 'parameters'),
      gradient: arena.allocate(bytes, 'gradients'),
    };
    if ('constant' in initial) arena.f32(parameter.data, size).fill(initial.constant);
    else {
      this.runtime.uniform(parameter.data, size, -initial.uniform, initial.uniform, {
        seed: this.seed,
        purpose: purposeId(`init/${name}`),
        step: 0,
      });
      arena.f32(parameter.data + size * 4, bytes / 4 - size).fill(0);
    }
    return parameter;
  }

  binary(name: string, shape: BinaryShape): BinaryParameter {
    const { arena } = this.runtime;
    const taps = shape.kernelHeight * shape.kernelWidth;
    const elements = Math.ceil(shape.cout / 32) * taps * shape.cin * 32;
    const inBlocks = Math.ceil(shape.cin / 64);
    const outBlocks = Math.ceil(shape.cout / 64);
    const wordBytes = taps * inBlocks * shape.cout * 8;
    const wordTBytes = taps * outBlocks * shape.cin * 8;
    const scale = arena.allocate(shape.cout * 4, 'parameters');
    arena.f32(scale, shape.cout).fill(1);
    return {
      kind: 'binary',
      name,
      owner: arena.owner,
      shape,
      size: shape.cout * taps * shape.cin,
      elements,
      gradient: arena.allocate(elements * 4, 'gradients'),
      scale,
      real: this.realWeights === undefined ? 0 : arena.allocate(elements * 4, 'parameters'),
      words: arena.allocate(wordBytes, 'parameters'),
      wordsT: arena.allocate(wordTBytes, 'parameters'),
      wordBytes,
      wordTBytes,
      blocks: outBlocks * taps * inBlocks,
    };
  }

  /** Gives every slot its address: one buffer per workspace, as large as its largest user. */
  place(): void {
    const { arena } = this.runtime;
    const sizes = new Map<string, number>();
    for (const { workspace, bytes } of this.#slots)
      if (workspace !== undefined) sizes.set(workspace, Math.max(sizes.get(workspace) ?? 0, bytes));
    const pointers = new Map([...sizes].map(([name, bytes]) => [name, arena.allocate(bytes, 'workspace')]));
    for (const slot of this.#slots) {
      const allocate = (): number => arena.allocate(slot.bytes, 'activations');
      slot.pointer = slot.workspace === undefined ? arena.attribute(slot.owner, allocate) : (pointers.get(slot.workspace) ?? 0);
    }
  }

  #slot(bytes: number, workspace: string | undefined): Slot {
    const slot: Slot = { pointer: 0, bytes, workspace, owner: this.runtime.arena.owner };
    this.#slots.push(slot);
    return slot;
  }
}
