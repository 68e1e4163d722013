/**
 * Muon in blocks of output filters: Nesterov momentum whose update is made orthogonal by Newton-Schulz. For latent weights.
 *
 *     w <- w (1 - rate weightDecay);  v <- momentum v + g;  u = g + momentum v
 *     per block, U = u as a matrix [filters][inputs * taps]:  X = U / |U|_F
 *     `iterations` times  X <- 3.4445 X - 4.7750 (X X^T) X + 2.0315 (X X^T)^2 X
 *     w <- w - rate rms X / sqrt(mean X^2)                 mean over the block's weights
 *
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; they take whole layers and five iterations. Blocks cost
 * less, and two iterations are enough to keep the filters of a block from moving alike. With 0 iterations: momentum normalised per block.
 * A block whose u is 0 stays as it is.
 *
 * @module
 */
import { argumentError, requireInteger, requireNumber } from '../../core/errors.js';
import { type Optimizer, requireFilters } from './optimizer.js';

export interface MuonOptions {
  /** 0..1. Default 0.9. */
  momentum?: number;
  /** Output filters that are made orthogonal to each other: 8, 16 or 32 (default). */
  block?: 8 | 16 | 32;
  /** 0..6, more would amplify rounding errors. Default 2. */
  iterations?: number;
  /** Root mean square of a block's update at rate 1, from 0. Default 0.2. */
  rms?: number;
  /** Decoupled, as AdamW's. Default 0. */
  weightDecay?: number;
}

export function muon(options: MuonOptions = {}): Optimizer {
  const { momentum = 0.9, block = 32, iterations = 2, rms = 0.2, weightDecay = 0 } = options;
  requireNumber('muon.momentum', momentum, 0, 1);
  if (![8, 16, 32].includes(block)) throw argumentError('muon.block', block, '8, 16 or 32 filters');
  requireInteger('muon.iterations', iterations, 0, 6);
  requireNumber('muon.rms', rms, 0);
  requireNumber('muon.weightDecay', weightDecay, 0);
  return {
    name: 'muon',
    options: { momentum, block, iterations, rms, weightDecay },
    learningRate: 0.01,
    init(runtime, target) {
      const { data, elements } = target;
      const { cout, rows, tiles } = requireFilters('muon', target);
      const v = runtime.arena.allocate(elements * 4, 'optimizer');
      return {
        steps: 0,
        buffers: () => [{ name: 'v', pointer: v, elements }],
        update(gradient, scale, rate) {
          this.steps++;
          const shrink = 1 - rate * weightDecay;
          runtime.run('update_muon', tiles, data, gradient, v, rows, cout, block, iterations, scale, shrink, momentum, rate, rms);
        },
      };
    },
  };
}
