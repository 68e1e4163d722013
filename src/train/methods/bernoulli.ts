/**
 * Random signs with given means: sign(p + n) with n uniform in [-1, 1), so P(+1) = clip((p + 1) / 2, 0, 1).
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { Draw } from '../method.js';
import type { Latents } from './latent.js';
import { clearSpare } from './latent-array.js';

/** The largest f32 below 1: p = -1 is always -1. */
const HIGH = 1 - 1 / 2 ** 24;

export class BernoulliSigns {
  readonly #latents: Latents;
  /** f32, uniform in [-1, 1): of the last draw. */
  readonly noise: number;
  readonly #one: number;

  constructor(latents: Latents) {
    const { runtime, parameter } = latents;
    this.#latents = latents;
    this.noise = runtime.arena.allocate(parameter.elements * 4, 'optimizer');
    this.#one = runtime.arena.allocate(16, 'optimizer');
    runtime.arena.f32(this.#one, 4).fill(1);
  }

  /** Packs a draw of signs whose means are `p`, f32 in the common layout; for the mode sign(p). */
  pack(draw: Draw, p: number): void {
    const { runtime, parameter, seed, signs } = this.#latents;
    if (draw.kind === 'mode') {
      signs.pack(p);
      return;
    }
    const train = draw.kind === 'train';
    runtime.uniform(this.noise, parameter.elements, -1, HIGH, {
      seed,
      purpose: purposeId(`noise/${train ? 'train' : 'evaluate'}/${parameter.name}`),
      step: train ? draw.step : draw.index,
    });
    clearSpare(runtime, parameter, this.noise);
    signs.pack(p, this.noise, this.#one);
  }
}
