/**
 * Latent weights behind a binary weight, for methods that say in hooks what lies between the two: statistics and scales before the signs are
 * taken, the gradient on its way back, what an update does. Without hooks it is plain STE.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts } from '../method.js';
import type { OptimizerState } from '../optimizers/optimizer.js';
import { filtersOf, optimizerState, xavierNormal } from './latent-array.js';
import { SignWords } from './sign-words.js';

/** What the hooks work on. */
export interface Latents {
  readonly parameter: BinaryParameter;
  readonly runtime: Runtime;
  readonly seed: number;
  /** f32 in the common layout, Xavier normal at the start. */
  readonly data: number;
  readonly signs: SignWords;
}

export interface LatentHooks {
  /** Once before the signs of changed latents are taken: statistics, `parameter.scale`. */
  measure?(): void;
  /** Packs the signs of a draw. Default: those of the latents. */
  pack?(draw: Draw): void;
  /** Turns the parameter's gradient, in place, from that of the signs into that of the latents. `progress`: of the last training draw. */
  gradient?(progress: number, rate: number): void;
  /** The step, in place of the optimizer's, from the gradient. */
  step?(rate: number, progress: number): void;
  /** After a step. `progress` as for the gradient, `share`: of the run that the step was; 0 where nobody says. */
  updated?(progress: number, share: number): void;
  /** Whether the latents stay as they are from that training draw on: no step. */
  frozen?(progress: number): boolean;
  /** Arrays that the signs depend on, beside the latents. */
  weights?(): NamedBuffer[];
  /** Arrays that the step goes on from, beside those. */
  buffers?(): NamedBuffer[];
  counters?(): NamedCounter[];
}

export interface LatentOptions {
  /** Of the array in checkpoints. Default 'latent'. */
  role?: string;
  /** Whether training draws differ from the mode. Default false. */
  noisy?: boolean;
  /** Whether the hooks have a step of their own. Default false: that of the context's optimizer. */
  ownStep?: boolean;
}

export class LatentState implements BinaryState {
  readonly #parameter: BinaryParameter;
  readonly #latents: Latents;
  readonly #hooks: LatentHooks;
  readonly #name: string;
  readonly #optimizer: OptimizerState | undefined;
  #measured = false;
  #progress = 0;

  constructor(parameter: BinaryParameter, context: MethodContext, hooks: (latents: Latents) => LatentHooks, options: LatentOptions = {}) {
    const { runtime, seed, optimizer } = context;
    const { name, elements } = parameter;
    const { role = 'latent', noisy = false, ownStep = false } = options;
    this.#parameter = parameter;
    this.#name = `${name}.${role}`;
    const data = runtime.arena.allocate(elements * 4, 'optimizer');
    xavierNormal(context, parameter, data);
    this.#latents = { parameter, runtime, seed, data, signs: new SignWords(parameter, runtime, noisy) };
    if (!ownStep) this.#optimizer = optimizer.init(runtime, { name: this.#name, data, elements, filters: filtersOf(parameter) });
    this.#hooks = hooks(this.#latents);
  }

  sample(draw: Draw): void {
    const { signs, data } = this.#latents;
    if (draw.kind === 'train') this.#progress = draw.progress;
    if (signs.holds(draw)) return;
    if (!this.#measured) this.#hooks.measure?.();
    this.#measured = true;
    if (this.#hooks.pack === undefined) signs.pack(data);
    else this.#hooks.pack(draw);
    signs.wrote(draw);
  }

  *update(rate: number, next?: Draw): Generator<void, void, void> {
    const progress = this.#progress;
    this.#latents.signs.outdate();
    this.#measured = false;
    if (this.#hooks.frozen?.(progress)) return;
    this.#hooks.gradient?.(progress, rate);
    yield;
    this.#optimizer?.update(this.#parameter.gradient, 1, rate);
    this.#hooks.step?.(rate, progress);
    this.#hooks.updated?.(progress, next?.kind === 'train' ? next.progress - progress : 0);
  }

  readCounts(): SignCounts {
    return this.#latents.signs.readCounts();
  }

  invalidate(): void {
    this.#latents.signs.invalidate();
    this.#measured = false;
  }

  latents(): NamedBuffer | undefined {
    return this.#optimizer && this.state()[0];
  }

  state(): NamedBuffer[] {
    return [{ name: this.#name, pointer: this.#latents.data, elements: this.#parameter.elements }, ...(this.#hooks.weights?.() ?? [])];
  }

  checkpoint(): { buffers: NamedBuffer[]; counters: NamedCounter[] } {
    // Counts the flips of the last update now: the signs that they are counted against are not part of a checkpoint.
    this.sample({ kind: 'mode' });
    const own = this.#optimizer && optimizerState(this.#name, this.#optimizer);
    const { buffers, counters } = this.#hooks;
    return {
      buffers: [...this.state(), ...(own?.buffers ?? []), ...(buffers?.() ?? [])],
      counters: [...(own?.counters ?? []), ...(counters?.() ?? []), ...this.#latents.signs.counters()],
    };
  }
}
