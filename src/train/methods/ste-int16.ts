/**
 * STE whose latent weights and momentum have 16 bits: half the bytes of an update, and no floating-point number is kept of a weight.
 *
 *     w = sign(M),   v <- beta v + g,   u = g + beta v,   M <- M - round(rate rms u / rms(u)),   rms(u) over the weights of a filter
 *
 * M is a multiple of 2^-15 in [-1, 1) and rounds stochastically, without bias (Gupta et al., "Deep Learning with Limited Numerical Precision", ICML 2015): a
 * step far below 2^-15 still moves a weight now and then. v is stored as a multiple of its filter's largest over 32,767. The rule is that of `nsgd`,
 * since an update of known size needs no other scale; the optimizer has no part in it.
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import { methodKernels } from '../../wasm/methods.js';
import type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts, TrainingMethod } from '../method.js';
import { filtersOf, xavierNormal } from './latent-array.js';
import { SignWords } from './sign-words.js';

export function steInt16(): TrainingMethod {
  return {
    name: 'ste-int16',
    options: {},
    stochastic: false,
    kernels: methodKernels,
    learningRate: 0.01,
    init: (parameter, context) => new Int16State(parameter, context),
  };
}

/** beta, and the root mean square of a filter's update at rate 1: those of `nsgd`. */
const MOMENTUM = 0.9;
const RMS = 0.2;
/** Units of a latent weight in 1. */
const ONE = 32768;
/** Random numbers of one update: 4,096 and one row. */
const NOISE = 4096 + 32;

class Int16State implements BinaryState {
  readonly #parameter: BinaryParameter;
  readonly #context: MethodContext;
  readonly #signs: SignWords;
  readonly #latents: NamedBuffer;
  /** v as multiples of `scales`, f32 per filter. */
  readonly #velocities: NamedBuffer;
  readonly #scales: NamedBuffer;
  readonly #noise: number;
  #steps = 0;

  constructor(parameter: BinaryParameter, context: MethodContext) {
    const { arena } = context.runtime;
    const { name, elements } = parameter;
    this.#parameter = parameter;
    this.#context = context;
    this.#signs = new SignWords(parameter, context.runtime, false);
    const sixteen = (role: string): NamedBuffer => {
      return { name: `${name}.${role}`, type: 'i16', pointer: arena.allocate(elements * 2, 'optimizer'), elements };
    };
    this.#latents = sixteen('latent');
    this.#velocities = sixteen('latent.v');
    const filters = this.#tiles * 32;
    this.#scales = { name: `${name}.latent.scale`, pointer: arena.allocate(filters * 4, 'optimizer'), elements: filters };
    this.#noise = arena.allocate(NOISE * 4, 'optimizer');
    // The start is that of other methods, rounded. It is drawn where the gradient will be.
    xavierNormal(context, parameter, parameter.gradient);
    const start = arena.f32(parameter.gradient, elements);
    const latents = arena.i16(this.#latents.pointer, elements);
    for (let i = 0; i < elements; i++) latents[i] = Math.max(-ONE, Math.min(ONE - 1, Math.round(ONE * start[i])));
    start.fill(0);
  }

  get #tiles(): number {
    return Math.ceil(this.#parameter.shape.cout / 32);
  }

  sample(draw: Draw): void {
    if (this.#signs.holds(draw)) return;
    this.#context.runtime.run('sample_i16', this.#parameter.blocks, this.#latents.pointer, ...this.#signs.operands);
    this.#signs.wrote(draw);
  }

  *update(rate: number): Generator<void, void, void> {
    const { runtime, seed } = this.#context;
    const { name, gradient } = this.#parameter;
    this.#signs.outdate();
    runtime.uniform(this.#noise, NOISE, 0, 1, { seed, purpose: purposeId(`rounding/${name}.latent`), step: this.#steps });
    this.#steps++;
    const pointers = [this.#latents.pointer, gradient, this.#velocities.pointer, this.#scales.pointer, this.#noise];
    const { rows } = filtersOf(this.#parameter);
    yield* runtime.pieces('update_nsgd_i16', this.#tiles, ...pointers, rows, MOMENTUM, rate, RMS);
  }

  readCounts(): SignCounts {
    return this.#signs.readCounts();
  }

  invalidate(): void {
    this.#signs.invalidate();
  }

  state(): NamedBuffer[] {
    return [this.#latents];
  }

  checkpoint(): { buffers: NamedBuffer[]; counters: NamedCounter[] } {
    // Counts the flips of the last update now: the signs that they are counted against are not part of a checkpoint.
    this.sample({ kind: 'mode' });
    const steps: NamedCounter = {
      name: `${this.#latents.name}.steps`,
      get: () => this.#steps,
      set: (count) => {
        this.#steps = count;
      },
    };
    return { buffers: [this.#latents, this.#velocities, this.#scales], counters: [steps, ...this.#signs.counters()] };
  }
}
