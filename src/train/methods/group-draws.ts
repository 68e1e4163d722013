/**
 * Draws of the groups of 64 images behind the first, where each has its own; what training on several processors does. Noise of group g has a stream of its
 * own, `<layer>/group g`; the first group's is that of one draw per step.
 *
 *     dM = sum over g of dW_g,   dZ_k = sum over g of f_gk dW_g = f_0k dM + sum over g > 0 of (f_gk - f_0k) dW_g
 *
 * f: what a draw's noise says the gradient is multiplied by. The second form has the bits of one draw per step where the draws are equal.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import { groupProduct } from '../../nn/group-product.js';
import type { BinaryProductBuilder } from '../../nn/layer.js';
import type { BinaryParameter } from '../../nn/parameter.js';
import type { KernelSet } from '../../wasm/kernel-set.js';
import { methodKernels } from '../../wasm/methods.js';
import type { Draw, MethodContext } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import type { Noise } from './low-rank-noise.js';
import type { SignWords } from './sign-words.js';

/** Draws per group, as `vispa` takes them; a bundle that names none carries no code for them. */
export interface PerGroup {
  readonly name: 'group';
  readonly products: BinaryProductBuilder;
  readonly kernels: KernelSet;
  /** @internal */
  create(parameter: BinaryParameter, context: MethodContext, noise: Noise, rank: number): GroupDraws;
}

/** One draw for every 64 images of the batch. Counted draws and flipped signs are those of all groups. Not with `logGradients`. */
export function groupDraws(): PerGroup {
  return {
    name: 'group',
    products: groupProduct,
    kernels: methodKernels,
    create: (parameter, context, noise, rank) => new GroupDraws(parameter, context, noise, rank),
  };
}

export class GroupDraws {
  readonly #parameter: BinaryParameter;
  readonly #context: MethodContext;
  readonly #noise: Noise;
  readonly #rank: number;
  readonly #r: number;
  /** dZ_k. */
  readonly #gradient: number;
  /** By group, from the second. */
  #factors: Float32Array[] = [];

  constructor(parameter: BinaryParameter, context: MethodContext, noise: Noise, rank: number) {
    const { arena } = context.runtime;
    if (parameter.groups === undefined)
      throw argumentError('vispa.draws', 'group', `'step': ${parameter.owner} has one set of weights for all images of a batch`);
    this.#parameter = parameter;
    this.#context = context;
    this.#noise = noise;
    this.#rank = rank;
    this.#r = arena.allocate(rank * 16, 'optimizer');
    this.#gradient = arena.allocate(parameter.elements * 4, 'optimizer');
  }

  /** After the first group's draw: fills the words of the others, from M and Z as `sample_vispa` takes them. */
  sample(draw: Draw, m: number, z: number, signs: SignWords): void {
    const { runtime } = this.#context;
    const { groups = [], blocks, name, words, wordsT, wordBytes, wordTBytes } = this.#parameter;
    if (draw.kind !== 'train') {
      for (const group of groups) {
        runtime.arena.u8(group.words, wordBytes).set(runtime.arena.u8(words, wordBytes));
        runtime.arena.u8(group.wordsT, wordTBytes).set(runtime.arena.u8(wordsT, wordTBytes));
      }
      return;
    }
    this.#factors = groups.map((group, i) => {
      const factors = this.#noise(draw, this.#r, { ...this.#parameter, name: `${name}/group ${i + 1}` }, this.#context);
      runtime.run('sample_vispa', blocks, m, z, this.#r, group.words, group.wordsT, ...signs.operands.slice(2), this.#rank);
      signs.wrote(draw);
      return factors;
    });
  }

  /** Address of dZ_k; `first`: f_0k. */
  gradient(k: number, first: number): number {
    const { runtime } = this.#context;
    const { groups = [], elements, gradient } = this.#parameter;
    const add = (x: number, factor: number, more: number): void =>
      runtime.run('add_scaled_f32', updateItems(elements), this.#gradient, x, elements, factor, more);
    add(gradient, first, 0);
    groups.forEach((group, i) => {
      const factor = this.#factors[i][k] - first;
      if (factor !== 0) add(group.gradient, factor, 1);
    });
    return this.#gradient;
  }
}
