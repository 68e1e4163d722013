// The integer copies of dY: scales come from bounds, so a format that reaches up to its bound clips nothing, the others clamp what lies beyond their
// reach, and the copies differ from that by less than one step, and on average not at all.
import { describe, expect, it } from 'vitest';
import { Runtime } from '../../src/core/runtime.js';
import { GRADIENT_FORMATS, type GradientType } from '../../src/nn/gradient-format.js';
import { batchNorm, binaryConv2d, flatten, linear, prelu } from '../../src/nn/layers/registry.js';
import { Network } from '../../src/nn/network.js';
import { sequential } from '../../src/nn/sequential.js';
import type { IntegerTensor } from '../../src/nn/tensor.js';
import { NETWORK_CASES, type NetworkCase } from '../cases/networks.js';
import { buildNetwork, type NetworkOnTest, randomBatch, trainingStep } from '../helpers/network.js';

const CHANNELS = 7;
const NET: NetworkCase = {
  name: 'one binary convolution behind a sign',
  shape: { height: 3, width: 3, channels: 2 },
  classes: 3,
  layers: [binaryConv2d(CHANNELS, { kernelSize: 3, padding: 1 }), batchNorm(), prelu(), flatten(), linear(3)],
  oracle: [],
};

interface Copies {
  /** [position][channel][image] and [position][image][lane of channel]: whole numbers, or f32. */
  rows: ArrayLike<number>;
  transposed: ArrayLike<number>;
  imageScale: Float32Array;
  channelScale: Float32Array;
}

/** dY of the convolution after one step. */
async function gradientOf(gradients: GradientType, count: number): Promise<Copies> {
  const built = await buildNetwork(NET, { batchSize: count, gradients });
  return copiesAt(built, gradients, count, 0);
}

function copiesAt(built: NetworkOnTest, gradients: GradientType, count: number, step: number): Copies {
  trainingStep(built, randomBatch(NET, count), true, step);
  const tensor = built.network.steps.map((step) => step.output).find((output): output is IntegerTensor => output.kind === 'int16');
  if (tensor === undefined) throw new Error('no product');
  const { rows, transposed, imageScale, channelScale } = tensor.gradient;
  const { arena } = built.runtime;
  const { type, bytes } = GRADIENT_FORMATS[gradients];
  return {
    rows: arena[type](rows.pointer, 9 * CHANNELS * 64).slice(),
    transposed: arena[type](transposed.pointer, (9 * 64 * 64) / bytes).slice(),
    imageScale: arena.f32(imageScale, 64).slice(),
    channelScale: arena.f32(channelScale, CHANNELS).slice(),
  };
}

describe.each(['int16', 'int8', 'int8-fast'] as const)('%s gradients', (gradients) => {
  const { qmax, bytes, reach } = GRADIENT_FORMATS[gradients];
  const clamp = (x: number, scale: number): number => Math.max(-qmax * scale, Math.min(qmax * scale, x));

  // Few images: the part of dY that comes from the statistics is as large as the rest, and a bound without it would clip.
  it.each([2, 5, 64])('of a batch of %i', async (count) => {
    const exact = await gradientOf('f32', count);
    const rounded = await gradientOf(gradients, count);
    const used = new Float64Array(64);
    for (let p = 0; p < 9; p++) {
      for (let c = 0; c < CHANNELS; c++) {
        for (let image = 0; image < 64; image++) {
          const k = (p * CHANNELS + c) * 64 + image;
          const q = rounded.rows[k];
          const qT = rounded.transposed[(p * 64 + image) * (64 / bytes) + c];
          if (image >= count) {
            expect([q, qT]).toEqual([0, 0]);
            continue;
          }
          const [image1, channel1] = [rounded.imageScale[image], rounded.channelScale[c]];
          if (reach === 1) expect([clamp(exact.rows[k], image1), clamp(exact.rows[k], channel1)]).toEqual([exact.rows[k], exact.rows[k]]);
          expect(Math.abs(q * image1 - clamp(exact.rows[k], image1))).toBeLessThanOrEqual(1.001 * image1);
          expect(Math.abs(qT * channel1 - clamp(exact.rows[k], channel1))).toBeLessThanOrEqual(1.001 * channel1);
          used[image] = Math.max(used[image], Math.abs(q));
        }
      }
    }
    for (let image = 0; image < count; image++) expect(used[image]).toBeGreaterThan(qmax / 5); // the bound is not wasteful either
  });

  it('the mean of dY over many roundings is dY, clamped', async () => {
    const DRAWS = 400;
    const exact = (await gradientOf('f32', 64)).rows;
    const built = await buildNetwork(NET, { batchSize: 64, gradients });
    const sums = new Float64Array(exact.length);
    let scales: Float32Array = new Float32Array(0);
    for (let step = 0; step < DRAWS; step++) {
      const { rows, imageScale } = copiesAt(built, gradients, 64, step);
      for (let k = 0; k < sums.length; k++) sums[k] += rows[k];
      scales = imageScale;
    }
    let beyond = 0;
    for (let k = 0; k < sums.length; k++) {
      const scaled = exact[k] / scales[k % 64];
      if (Math.abs(scaled) > qmax) {
        beyond++;
        expect(sums[k] / DRAWS).toBe(Math.sign(scaled) * qmax);
      } else {
        // A rounding's deviation is at most half a step; 4,032 means, so below 5 of theirs.
        expect(Math.abs(sums[k] / DRAWS - scaled)).toBeLessThan((5 * 0.5) / Math.sqrt(DRAWS) + 1e-4 * qmax);
      }
    }
    expect(beyond > 0).toBe(reach < 1);
  });

  it('as many positions as int32 sums of the weight gradient hold, and no more', () => {
    const most = Math.floor((2 ** 31 - 1) / (64 * qmax));
    const build = (positions: number): Network => {
      const layers = [binaryConv2d(1, { kernelSize: 1 }), batchNorm(), flatten(), linear(2)];
      const input = { shape: { height: 1, width: positions, channels: 1 }, type: 'u8' as const };
      return new Network(sequential(layers), input, 2, { runtime: Runtime.planning(), batchSize: 64, gradients, seed: 0 });
    };
    expect(build(most).groups).toBe(1);
    expect(() => build(most + 1)).toThrow(
      `0.binaryConv2d: positions times groups of 64 images: got ${most + 1}, expected at most ${most}, the limit of exact int32 sums; use a smaller batch`,
    );
  });

  it.runIf(reach === 1)('the mean of every gradient over many roundings is the f32 gradient', async () => {
    const DRAWS = 200;
    const s = NETWORK_CASES[0];
    const batch = randomBatch(s, 64);
    const exact = trainingStep(await buildNetwork(s, { batchSize: 64 }), batch).gradients;
    const built = await buildNetwork(s, { batchSize: 64, gradients });
    const sums = new Map(
      [...exact].map(([name, { length }]) => [name, { sum: new Float64Array(length), squares: new Float64Array(length) }]),
    );
    for (let step = 0; step < DRAWS; step++) {
      for (const [name, values] of trainingStep(built, batch, true, step).gradients) {
        values.forEach((value, k) => {
          const { sum, squares } = sums.get(name) ?? { sum: [], squares: [] };
          const difference = value - (exact.get(name)?.[k] ?? 0);
          sum[k] += difference;
          squares[k] += difference ** 2;
        });
      }
    }
    for (const [name, { sum, squares }] of sums) {
      sum.forEach((total, k) => {
        const mean = total / DRAWS;
        const error = Math.sqrt(Math.max(0, squares[k] / DRAWS - mean ** 2) / DRAWS);
        // 1,500 numbers: the largest of so many normal deviations is below 5. The rest: f32, of sums that may cancel.
        expect(Math.abs(mean), `${name}[${k}]`).toBeLessThan(5 * error + 1e-6);
      });
    }
  });
});
