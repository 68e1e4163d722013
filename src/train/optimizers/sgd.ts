/**
 * SGD with momentum and weight decay, as `torch.optim.SGD` without dampening.
 *
 *     g <- g + weightDecay w;  v <- momentum v + g;  w <- w - rate v      (nesterov: w <- w - rate (g + momentum v))
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import { type Optimizer, updateItems } from './optimizer.js';

export interface SgdOptions {
  /** 0..1. Default 0.9. */
  momentum?: number;
  /** Default 0. */
  weightDecay?: number;
  /** Default false. */
  nesterov?: boolean;
}

export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, weightDecay = 0, nesterov = false } = options;
  requireNumber('sgd.momentum', momentum, 0, 1);
  requireNumber('sgd.weightDecay', weightDecay, 0);
  return {
    name: 'sgd',
    options: { momentum, weightDecay, nesterov },
    learningRate: 0.1,
    init(runtime, { data, elements }) {
      const v = runtime.arena.allocate(elements * 4, 'optimizer');
      return {
        steps: 0,
        sgd: { velocity: v, momentum, weightDecay, nesterov },
        buffers: () => [{ name: 'v', pointer: v, elements }],
        update(gradient, scale, rate) {
          this.steps++;
          runtime.run(
            'update_sgd',
            updateItems(elements),
            data,
            gradient,
            v,
            elements,
            scale,
            weightDecay,
            momentum,
            rate,
            nesterov ? 1 : 0,
          );
        },
      };
    },
  };
}
