/**
 * Normalised SGD: Nesterov momentum, and every output filter moves by the same amount. For latent weights.
 *
 *     w <- w (1 - rate weightDecay);  v <- momentum v + g;  u = g + momentum v
 *     w <- w - rate rms u / sqrt(mean u^2)                 mean over the weights of one output filter
 *
 * A sign does not see how large its filter is, so neither should the step: gradients of different layers, and of the beginning and the
 * end of training, count alike, with one state array instead of Adam's two. Directions as in LARS (You, Gitman and Ginsburg, 2017), per
 * filter and without its trust ratio; `rms` is the size that Muon is given to match Adam (Liu et al., "Muon is Scalable for LLM
 * Training", 2025). A filter whose u is 0 stays as it is.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import { type Optimizer, requireFilters } from './optimizer.js';

export interface NsgdOptions {
  /** 0..1. Default 0.9. */
  momentum?: number;
  /** Root mean square of a filter's update at rate 1, from 0. Default 0.2. */
  rms?: number;
  /** Decoupled, as AdamW's. Default 0. */
  weightDecay?: number;
}

export function nsgd(options: NsgdOptions = {}): Optimizer {
  const { momentum = 0.9, rms = 0.2, weightDecay = 0 } = options;
  requireNumber('nsgd.momentum', momentum, 0, 1);
  requireNumber('nsgd.rms', rms, 0);
  requireNumber('nsgd.weightDecay', weightDecay, 0);
  return {
    name: 'nsgd',
    options: { momentum, rms, weightDecay },
    learningRate: 0.01,
    init(runtime, target) {
      const { data, elements } = target;
      const { rows, tiles } = requireFilters('nsgd', target);
      const v = runtime.arena.allocate(elements * 4, 'optimizer');
      return {
        steps: 0,
        buffers: () => [{ name: 'v', pointer: v, elements }],
        update(gradient, scale, rate) {
          this.steps++;
          runtime.run('update_nsgd', tiles, data, gradient, v, rows, scale, 1 - rate * weightDecay, momentum, rate, rms);
        },
      };
    },
  };
}
