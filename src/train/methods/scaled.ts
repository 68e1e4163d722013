/**
 * Hooks of methods whose weights are b = alpha sign(w) with alpha = mean |w|, of each filter or of the layer.
 *
 * The network's gradient is alpha dL/db. `factors` says what turns it into that of w: `inside` where |w| <= 1, `outside` elsewhere.
 *
 * @module
 */
import { FilterStatistics } from './filter-statistics.js';
import type { LatentHooks, Latents } from './latent.js';

export interface GradientFactors {
  inside: number;
  outside: number;
}

/** `factors`: of a filter, from its alpha > 0 and its number of weights. A filter of zeros has no gradient. */
export function scaledSigns(
  latents: Latents,
  per: 'filter' | 'layer',
  factors: (alpha: number, weights: number) => GradientFactors,
): LatentHooks {
  const { runtime, parameter, data } = latents;
  const statistics = new FilterStatistics(latents);
  const { rows, tiles } = statistics;
  const [inside, outside] = [statistics.perFilter(), statistics.perFilter()];
  return {
    measure() {
      const { absolute } = statistics.measure(false);
      const all = absolute.reduce((sum, value) => sum + value, 0);
      const scale = runtime.arena.f32(parameter.scale, parameter.shape.cout);
      for (let c = 0; c < scale.length; c++) scale[c] = per === 'layer' ? all / parameter.size : absolute[c] / rows;
      const write = (pointer: number, side: keyof GradientFactors): void =>
        statistics.write(pointer, (c) => (scale[c] > 0 ? factors(scale[c], rows)[side] : 0));
      write(inside, 'inside');
      write(outside, 'outside');
    },
    gradient() {
      runtime.run('gate_dw', tiles, parameter.gradient, data, inside, outside, rows, 1);
    },
  };
}
