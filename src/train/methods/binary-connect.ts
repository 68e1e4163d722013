/**
 * BinaryConnect: clipped latent weights, whose signs are taken as they are or drawn at random.
 *
 *     b = sign(w);  stochastic: b = +1 with probability clip((w + 1) / 2, 0, 1), anew for every weight and training step
 *     dw = dL/db,   then w <- min(max(w, -clip), clip)
 *
 * Courbariaux, Bengio and David, NeurIPS 2015; with signs of activations, too: Courbariaux et al., "Binarized Neural Networks", NeurIPS 2016. Without
 * `stochastic` it is `ste` with a clip. Evaluation takes the signs; samples of a stochastic net are drawn with the same probabilities.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { BernoulliSigns } from './bernoulli.js';
import { LatentState } from './latent.js';

export interface BinaryConnectOptions {
  /** Latent weights stay in ±clip. Default 1. */
  clip?: number;
  /** Draw the signs in training. Default false. */
  stochastic?: boolean;
}

export function binaryConnect(options: BinaryConnectOptions = {}): TrainingMethod {
  const { clip = 1, stochastic = false } = options;
  if (!(clip > 0 && Number.isFinite(clip))) throw argumentError('binaryConnect.clip', clip, 'a positive finite number');
  if (typeof stochastic !== 'boolean') throw argumentError('binaryConnect.stochastic', stochastic, 'true or false');
  return {
    name: 'binary-connect',
    options: { clip, stochastic },
    stochastic,
    kernels: stochastic ? methodKernels : undefined,
    init: (parameter, context) =>
      new LatentState(
        parameter,
        context,
        (latents) => {
          const { runtime, data } = latents;
          const random = stochastic ? new BernoulliSigns(latents) : undefined;
          return {
            pack: random && ((draw) => random.pack(draw, data)),
            updated: () => runtime.run('clip_f32', updateItems(parameter.elements), data, parameter.elements, clip),
          };
        },
        { noisy: stochastic },
      ),
  };
}
