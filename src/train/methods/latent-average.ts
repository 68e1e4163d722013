/**
 * An exponential moving average of the latent weights, for evaluation: training goes on with the latents themselves, and whatever is evaluated, chosen as the
 * best epoch or exported has the signs of the averages.
 *
 *     A <- A + (1 - d_t) (M - A),   d_t = min(decay, (1 + t) / (10 + t))   after step t = 1, 2, ...;   A starts as M
 *
 * Near the end of a run, signs of latents around 0 still go back and forth; the average has where they are most of the time. The first steps count less, as
 * in TensorFlow's `ExponentialMovingAverage`. Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import { methodKernels } from '../../wasm/methods.js';
import type { BinaryState, Draw, MethodContext, NamedBuffer, NamedCounter, SignCounts, TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';

/**
 * `method` with averaged latents; `decay` from 0 to below 1, such as 0.999. Takes an array more per binary weight. Batch norm's statistics are re-estimated
 * where nothing else is asked for: running ones belong to the latents of training. Draws of evaluation (samples, too) have the averages in the latents' place.
 */
export function latentAverage(method: TrainingMethod, decay: number): TrainingMethod {
  if (!(decay >= 0 && decay < 1)) throw argumentError('latentAverage', decay, 'a number from 0 to below 1, such as 0.999');
  if (method.learningRate !== undefined || method.model !== undefined) throw noLatents(method);
  if (method.kernels !== undefined && method.kernels !== methodKernels)
    throw argumentError('latentAverage', method.kernels.name, 'a method without kernels of its own');
  return {
    ...method,
    options: { ...method.options, latentAverage: decay },
    kernels: methodKernels,
    batchNormStatistics: 'reestimate',
    init(parameter, context) {
      const state = method.init(parameter, context);
      const latents = state.latents?.();
      if (latents === undefined) throw noLatents(method);
      return new AveragedState(parameter, context, state, latents, decay);
    },
  };
}

function noLatents({ name }: TrainingMethod): Error {
  return argumentError('latentAverage', name, 'a method whose f32 latent weights an optimizer moves, such as ste or vispa');
}

class AveragedState implements BinaryState {
  readonly #parameter: BinaryParameter;
  readonly #context: MethodContext;
  readonly #state: BinaryState;
  readonly #latents: NamedBuffer;
  readonly #average: NamedBuffer;
  readonly #decay: number;
  #steps = 0;
  /** The draw of the averages that the words hold. */
  #drawn: Draw | undefined;

  constructor(parameter: BinaryParameter, context: MethodContext, state: BinaryState, latents: NamedBuffer, decay: number) {
    const { arena } = context.runtime;
    const { name, elements } = latents;
    this.#parameter = parameter;
    this.#context = context;
    this.#state = state;
    this.#latents = latents;
    this.#average = { name: `${name}.average`, pointer: arena.allocate(elements * 4, 'optimizer'), elements };
    this.#decay = decay;
    this.#view(this.#average).set(this.#view(latents));
  }

  sample(draw: Draw): void {
    const state = this.#state;
    if (draw.kind === 'train') {
      this.#drawn = undefined;
      state.sample(draw);
      return;
    }
    if (JSON.stringify(draw) === JSON.stringify(this.#drawn)) return;
    state.sample({ kind: 'mode' }); // counts the signs that the last update changed
    const latents = this.#view(this.#latents);
    const copy = latents.slice();
    latents.set(this.#view(this.#average));
    state.invalidate();
    state.sample(draw);
    latents.set(copy);
    state.invalidate();
    this.#drawn = draw;
  }

  *update(rate: number, next?: Draw): Generator<void, void, void> {
    yield* this.#state.update(rate, next);
    const t = ++this.#steps;
    const { elements } = this.#parameter;
    const kept = Math.min(this.#decay, (1 + t) / (10 + t));
    this.#context.runtime.run('average_f32', updateItems(elements), this.#latents.pointer, this.#average.pointer, elements, 1 - kept);
    this.#drawn = undefined;
  }

  readCounts(): SignCounts {
    return this.#state.readCounts();
  }

  invalidate(): void {
    this.#state.invalidate();
    this.#drawn = undefined;
  }

  state(): NamedBuffer[] {
    return [...this.#state.state(), this.#average];
  }

  checkpoint(): { buffers: NamedBuffer[]; counters: NamedCounter[] } {
    this.#drawn = undefined; // the state draws its mode
    const { buffers, counters } = this.#state.checkpoint();
    const steps: NamedCounter = {
      name: `${this.#average.name}.steps`,
      get: () => this.#steps,
      set: (count) => {
        this.#steps = count;
      },
    };
    return { buffers: [...buffers, this.#average], counters: [...counters, steps] };
  }

  #view({ pointer, elements }: NamedBuffer): Float32Array {
    return this.#context.runtime.arena.f32(pointer, elements);
  }
}
