/**
 * Latent weights M and a factor Z of rank K behind one binary weight: sampling, packing and counting signs. Rank 0 is plain STE.
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts } from '../method.js';
import { type OptimizerState, updateItems } from '../optimizers/optimizer.js';
import type { GroupDraws } from './group-draws.js';
import { clearSpare, filtersOf, optimizerState, xavierNormal } from './latent-array.js';
import type { Noise } from './low-rank-noise.js';
import { SignWords } from './sign-words.js';

export interface GaussianOptions {
  /** K >= 0. */
  rank: number;
  /** A draw is w = M + sum over k of r_k Z_k. None with rank 0. */
  noise?: Noise;
  /** Draws of further groups of images, where each has its own. */
  groups?: GroupDraws;
  /** S: divide M_i and Z_ki by sqrt(M_i^2 + sum Z_ki^2 / S) after every update; 0: not. */
  normalize: number;
  /** Clamp M to ±clip after every update; infinity: no clipping. */
  clip: number;
}

/**
 * Ranks up to which update and next draw are one pass. From 4 on it has more arrays, 2K + 3 at two places each, than a processor's prefetcher follows: VGG-Small
 * takes 87 ms instead of 101 at rank 4 and 160 instead of 363 at rank 8 with passes of their own (Xeon at 2.5 GHz, loaded).
 */
const FUSED = 3;

/** The optimizer's gradients: dM = g, dZ_k = what the noise says times g, with g the gradient at the sampled signs (identity straight-through). */
export class GaussianState implements BinaryState {
  readonly #parameter: BinaryParameter;
  readonly #context: MethodContext;
  readonly #options: GaussianOptions;
  readonly #m: number;
  readonly #z: number;
  readonly #noise: number;
  readonly #signs: SignWords;
  readonly #meanState: OptimizerState;
  readonly #factorStates: OptimizerState[] = [];
  /** Memory of the fused pass, where every optimizer is SGD. */
  readonly #sgd: FusedSgd | undefined;
  /** What the gradient is multiplied by for each Z_k: of the last training draw. */
  #factors: Float32Array;

  constructor(parameter: BinaryParameter, context: MethodContext, options: GaussianOptions) {
    const { runtime, optimizer, seed } = context;
    const { arena } = runtime;
    const { name, elements, shape } = parameter;
    const { rank } = options;
    this.#parameter = parameter;
    this.#context = context;
    this.#options = options;
    this.#m = arena.allocate(elements * 4, 'optimizer');
    this.#z = arena.allocate(rank * elements * 4, 'optimizer');
    this.#noise = arena.allocate(Math.max(1, rank) * 16, 'optimizer');
    this.#signs = new SignWords(parameter, runtime, rank > 0);
    this.#factors = new Float32Array(rank);
    const area = shape.kernelHeight * shape.kernelWidth;
    // Xavier normal. Fans of Z [K, out, in, kh, kw] as torch counts them: in = out in kh kw, out = K in kh kw.
    const factorDeviation = Math.sqrt(2 / ((shape.cout + rank) * shape.cin * area));
    xavierNormal(context, parameter, this.#m);
    const filters = filtersOf(parameter);
    this.#meanState = optimizer.init(runtime, { name: `${name}.mean`, data: this.#m, elements, filters });
    for (let k = 0; k < rank; k++) {
      const data = this.#z + k * elements * 4;
      runtime.normal(data, elements, factorDeviation, { seed, purpose: purposeId(`init/${name}.factor`), step: k });
      clearSpare(runtime, parameter, data);
      this.#factorStates.push(optimizer.init(runtime, { name: `${name}.factor${k}`, data, elements, filters }));
    }
    this.#normalize();
    const states = [this.#meanState, ...this.#factorStates];
    const terms = states.flatMap((state) => state.sgd ?? []);
    if (terms.length === states.length && rank <= FUSED && options.groups === undefined) {
      this.#sgd = {
        step: arena.allocate(64, 'optimizer'),
        velocities: arena.allocate(states.length * 4, 'optimizer'),
        scales: arena.allocate(states.length * 4, 'optimizer'),
        terms: terms[0],
      };
      arena.u32(this.#sgd.velocities, states.length).set(terms.map(({ velocity }) => velocity));
    }
  }

  sample(draw: Draw): void {
    if (this.#signs.holds(draw)) return;
    const rank = this.#drawNoise(draw);
    const { runtime } = this.#context;
    runtime.run('sample_vispa', this.#parameter.blocks, this.#m, this.#z, this.#noise, ...this.#signs.operands, rank);
    this.#signs.wrote(draw);
    this.#options.groups?.sample(draw, this.#m, this.#z, this.#signs);
  }

  *update(rate: number, next?: Draw): Generator<void, void, void> {
    this.#signs.outdate();
    if (this.#sgd !== undefined && next !== undefined) {
      yield* this.#updateAndSample(this.#sgd, rate, next);
      return;
    }
    const { gradient, elements } = this.#parameter;
    const { groups } = this.#options;
    this.#meanState.update(gradient, 1, rate);
    for (const [k, state] of this.#factorStates.entries()) {
      yield;
      const factor = this.#factors[k];
      if (groups === undefined) state.update(gradient, factor, rate);
      else state.update(groups.gradient(k, factor), 1, rate);
    }
    if (Number.isFinite(this.#options.clip))
      this.#context.runtime.run('clip_f32', updateItems(elements), this.#m, elements, this.#options.clip);
    this.#normalize();
  }

  readCounts(): SignCounts {
    return this.#signs.readCounts();
  }

  latents(): NamedBuffer {
    return this.state()[0];
  }

  state(): NamedBuffer[] {
    const { name, elements } = this.#parameter;
    const buffers: NamedBuffer[] = [{ name: `${name}.mean`, pointer: this.#m, elements }];
    if (this.#options.rank > 0) buffers.push({ name: `${name}.factor`, pointer: this.#z, elements: elements * this.#options.rank });
    return buffers;
  }

  checkpoint(): { buffers: NamedBuffer[]; counters: NamedCounter[] } {
    // Counts the flips of the last update now: the signs that they are counted against are not part of a checkpoint.
    this.sample({ kind: 'mode' });
    const { name } = this.#parameter;
    const buffers = this.state();
    const counters: NamedCounter[] = [];
    [this.#meanState, ...this.#factorStates].forEach((state, i) => {
      const own = optimizerState(i === 0 ? `${name}.mean` : `${name}.factor${i - 1}`, state);
      buffers.push(...own.buffers);
      counters.push(...own.counters);
    });
    counters.push(...this.#signs.counters());
    return { buffers, counters };
  }

  invalidate(): void {
    this.#signs.invalidate();
  }

  /** The words of `update_vispa_sgd`: update and next draw in one pass. */
  *#updateAndSample({ step, velocities, scales, terms }: FusedSgd, rate: number, next: Draw): Generator<void, void, void> {
    const { runtime } = this.#context;
    const { arena } = runtime;
    const { rank, clip, normalize } = this.#options;
    const { gradient, elements, blocks } = this.#parameter;
    arena.f32(scales, rank + 1).set([1, ...this.#factors]);
    const drawn = this.#drawNoise(next);
    const { momentum, weightDecay, nesterov } = terms;
    arena.u32(step, 8).set([gradient, this.#m, this.#z, velocities, scales, rank, elements * 4, nesterov ? 1 : 0]);
    arena.f32(step + 32, 5).set([weightDecay, momentum, rate, clip, normalize]);
    yield* runtime.pieces('update_vispa_sgd', blocks, step, this.#noise, ...this.#signs.operands, drawn);
    for (const state of [this.#meanState, ...this.#factorStates]) state.steps++;
    this.#signs.wroteAhead(next);
  }

  /** Writes the noise of a draw. Returns how many directions it has: none for the mode. */
  #drawNoise(draw: Draw): number {
    const { rank, noise } = this.#options;
    if (noise === undefined || draw.kind === 'mode') return 0;
    const factors = noise(draw, this.#noise, this.#parameter, this.#context);
    if (draw.kind === 'train') this.#factors = factors;
    return rank;
  }

  #normalize(): void {
    const { rank, normalize } = this.#options;
    if (normalize === 0) return;
    const { elements } = this.#parameter;
    this.#context.runtime.run('normalize_vispa', updateItems(elements), this.#m, this.#z, elements, rank, normalize);
  }
}

/** Memory and options of a step with SGD: see update_vispa_sgd. */
interface FusedSgd {
  step: number;
  velocities: number;
  scales: number;
  terms: NonNullable<OptimizerState['sgd']>;
}
