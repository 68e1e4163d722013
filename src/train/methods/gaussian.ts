/**
 * Latent weights M and a factor Z of rank K behind one binary weight: sampling, packing and counting signs. Rank 0 is plain STE.
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts } from '../method.js';
import { type OptimizerState, updateItems } from '../optimizers/optimizer.js';

export interface GaussianOptions {
  /** K >= 0. */
  rank: number;
  /** S: a draw is w = M + sum over k of eps_k / sqrt(S) Z_k. */
  scale: number;
  /** Divide M_i and Z_ki by sqrt(M_i^2 + sum Z_ki^2 / S) after every update. */
  normalize: boolean;
  /** Clamp M to ±clip after every update; infinity: no clipping. */
  clip: number;
  /** Share of the run, at its end, over which the noise of training draws falls to 0 in a straight line; 0: it stays. */
  anneal: number;
}

/** The optimizer's gradients: dM = g, dZ_k = f eps_k g, f the noise that annealing leaves, with g the gradient at the sampled signs (identity straight-through). */
export class GaussianState implements BinaryState {
  readonly #parameter: BinaryParameter;
  readonly #context: MethodContext;
  readonly #options: GaussianOptions;
  readonly #m: number;
  readonly #z: number;
  readonly #noise: number;
  readonly #mode: number;
  readonly #counters: number;
  readonly #meanState: OptimizerState;
  readonly #factorStates: OptimizerState[] = [];
  /** f eps of the last training draw. */
  #eps: Float32Array;
  #counts: SignCounts = { flips: 0, updates: 0, differing: 0, draws: 0 };
  #packed = false;
  #drawn = '';

  constructor(parameter: BinaryParameter, context: MethodContext, options: GaussianOptions) {
    const { runtime, optimizer, seed } = context;
    const { arena } = runtime;
    const { name, elements, wordTBytes, blocks, shape } = parameter;
    const { rank } = options;
    this.#parameter = parameter;
    this.#context = context;
    this.#options = options;
    this.#m = arena.allocate(elements * 4, 'optimizer');
    this.#z = arena.allocate(rank * elements * 4, 'optimizer');
    this.#noise = arena.allocate(Math.max(1, rank) * 16, 'optimizer');
    this.#mode = arena.allocate(wordTBytes, 'optimizer');
    this.#counters = arena.allocate(blocks * 8, 'optimizer');
    this.#eps = new Float32Array(rank);
    const area = shape.kernelHeight * shape.kernelWidth;
    // Xavier normal. Fans of Z [K, out, in, kh, kw] as torch counts them: in = out in kh kw, out = K in kh kw.
    const meanDeviation = Math.sqrt(2 / ((shape.cin + shape.cout) * area));
    const factorDeviation = Math.sqrt(2 / ((shape.cout + rank) * shape.cin * area));
    runtime.normal(this.#m, elements, meanDeviation, { seed, purpose: purposeId(`init/${name}`), step: 0 });
    clearSpare(context, parameter, this.#m);
    const filters = { cout: shape.cout, rows: area * shape.cin };
    this.#meanState = optimizer.init(runtime, { name: `${name}.mean`, data: this.#m, elements, filters });
    for (let k = 0; k < rank; k++) {
      const data = this.#z + k * elements * 4;
      runtime.normal(data, elements, factorDeviation, { seed, purpose: purposeId(`init/${name}.factor`), step: k });
      clearSpare(context, parameter, data);
      this.#factorStates.push(optimizer.init(runtime, { name: `${name}.factor${k}`, data, elements, filters }));
    }
    if (options.normalize) this.#normalize();
  }

  sample(draw: Draw): void {
    const key = draw.kind === 'mode' ? 'mode' : draw.kind === 'train' ? `train ${draw.step} ${draw.progress}` : `sample ${draw.index}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const { rank } = this.#options;
    const { runtime, seed } = this.#context;
    const { words, wordsT, shape, blocks, name } = this.#parameter;
    const sampled = rank > 0 && draw.kind !== 'mode';
    if (sampled) {
      const train = draw.kind === 'train';
      runtime.normal(this.#noise, rank, 1, {
        seed,
        purpose: purposeId(`noise/${train ? 'train' : 'evaluate'}/${name}`),
        step: train ? draw.step : draw.index,
      });
      const noise = runtime.arena.f32(this.#noise, rank);
      if (train) {
        const rest = remainingNoise(draw.progress, this.#options.anneal);
        for (let k = 0; k < rank; k++) noise[k] *= rest;
        this.#eps = noise.slice();
      }
      const root = Math.sqrt(this.#options.scale);
      for (let k = 0; k < rank; k++) noise[k] /= root;
    }
    const taps = shape.kernelHeight * shape.kernelWidth;
    runtime.run(
      'sample_vispa',
      blocks,
      this.#m,
      this.#z,
      this.#noise,
      words,
      wordsT,
      this.#mode,
      this.#counters,
      shape.cin,
      shape.cout,
      taps,
      sampled ? rank : 0,
    );
    const counters = runtime.arena.u32(this.#counters, blocks * 2);
    for (let i = 0; i < blocks; i++) {
      if (this.#packed) this.#counts.flips += counters[2 * i];
      if (draw.kind === 'train') this.#counts.differing += counters[2 * i + 1];
    }
    if (sampled && draw.kind === 'train') this.#counts.draws++;
    this.#packed = true;
  }

  *update(rate: number): Generator<void, void, void> {
    const { gradient, elements } = this.#parameter;
    this.#drawn = '';
    this.#meanState.update(gradient, 1, rate);
    for (const [k, state] of this.#factorStates.entries()) {
      yield;
      state.update(gradient, this.#eps[k], rate);
    }
    if (Number.isFinite(this.#options.clip))
      this.#context.runtime.run('clip_f32', updateItems(elements), this.#m, elements, this.#options.clip);
    if (this.#options.normalize) this.#normalize();
    this.#counts.updates++;
  }

  readCounts(): SignCounts {
    const counts = this.#counts;
    this.#counts = { flips: 0, updates: 0, differing: 0, draws: 0 };
    return counts;
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
      const prefix = i === 0 ? `${name}.mean` : `${name}.factor${i - 1}`;
      for (const { name: role, pointer, elements } of state.buffers()) buffers.push({ name: `${prefix}.${role}`, pointer, elements });
      counters.push({
        name: `${prefix}.steps`,
        get: () => state.steps,
        set: (steps) => {
          state.steps = steps;
        },
      });
    });
    for (const key of ['flips', 'updates', 'differing', 'draws'] as const) {
      counters.push({
        name: `${name}.${key}`,
        get: () => this.#counts[key],
        set: (count) => {
          this.#counts[key] = count;
        },
      });
    }
    return { buffers, counters };
  }

  invalidate(): void {
    this.#drawn = '';
    this.#packed = false;
  }

  #normalize(): void {
    const { elements } = this.#parameter;
    this.#context.runtime.run(
      'normalize_vispa',
      updateItems(elements),
      this.#m,
      this.#z,
      elements,
      this.#options.rank,
      this.#options.scale,
    );
  }
}

/** 1 until the last share `anneal` of the run, then falling to 0 in a straight line. */
function remainingNoise(progress: number, anneal: number): number {
  return anneal > 0 ? Math.min(1, (1 - progress) / anneal) : 1;
}

/** Zeroes the spare lanes of an array in the common layout, so that they count as +1 and never move. */
function clearSpare(context: MethodContext, { shape, elements }: BinaryParameter, data: number): void {
  const used = shape.cout & 31;
  if (used === 0) return;
  const first = (shape.cout >> 5) * shape.kernelHeight * shape.kernelWidth * shape.cin * 32;
  const tile = context.runtime.arena.f32(data + first * 4, elements - first);
  for (let row = 0; row < tile.length; row += 32) tile.fill(0, row + used, row + 32);
}
