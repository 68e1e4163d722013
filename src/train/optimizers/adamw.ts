/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019), as `torch.optim.AdamW`.
 *
 *     w <- w (1 - rate weightDecay);  m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
 *     w <- w - rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * @module
 */
import { requireInteger, requireNumber } from '../../core/errors.js';
import { type Optimizer, updateItems } from './optimizer.js';

export interface AdamWOptions {
  /** 0..0.999999. Default 0.9. */
  beta1?: number;
  /** 0..0.999999. Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Default 0. */
  weightDecay?: number;
}

export function adamw(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  requireNumber('adamw.beta1', beta1, 0, 0.999999);
  requireNumber('adamw.beta2', beta2, 0, 0.999999);
  requireNumber('adamw.epsilon', epsilon, 0);
  requireNumber('adamw.weightDecay', weightDecay, 0);
  return {
    name: 'adamw',
    options: { beta1, beta2, epsilon, weightDecay },
    learningRate: 0.002,
    init(runtime, { data, elements }) {
      const m = runtime.arena.allocate(elements * 4, 'optimizer');
      const v = runtime.arena.allocate(elements * 4, 'optimizer');
      let steps = 0;
      let power1 = 1; // beta1^steps, as a running product
      let power2 = 1;
      const advance = (): void => {
        steps++;
        power1 *= beta1;
        power2 *= beta2;
      };
      return {
        get steps() {
          return steps;
        },
        set steps(count) {
          requireInteger('adamw: steps', count, 0);
          [steps, power1, power2] = [0, 1, 1];
          while (steps < count) advance();
        },
        buffers: () => [
          { name: 'm', pointer: m, elements },
          { name: 'v', pointer: v, elements },
        ],
        update(gradient, scale, rate) {
          advance();
          const shrink = 1 - rate * weightDecay;
          const stepSize = rate / (1 - power1);
          const rootCorrection = Math.sqrt(1 - power2);
          runtime.run(
            'update_adam',
            updateItems(elements),
            data,
            gradient,
            m,
            v,
            elements,
            scale,
            shrink,
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            stepSize,
            rootCorrection,
            epsilon,
          );
        },
      };
    },
  };
}
