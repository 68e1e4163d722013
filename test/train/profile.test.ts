import { expect, it } from 'vitest';
import { type DoneEvent, fit, profiler, profileText, type TrainOptions } from '../../src/train.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const options: TrainOptions = { model: tinyNet, data: fewDigits(), epochs: 1, limitBatches: 3, batchSize: 64, samples: 0, validation: 0 };
const run = async (more: Partial<TrainOptions>): Promise<DoneEvent> => (await fit({ ...options, ...more })).result;

it('times every kernel of the training steps, and only those', async () => {
  const { profile } = await run({ profile: profiler(), threads: 1, gradients: 'int16' });
  if (profile === undefined) throw new Error('no profile');
  expect(profile).toMatchObject({ threads: 1, steps: 3 });
  const sum = profile.rows.reduce((total, { ms }) => total + ms, profile.otherMs);
  expect(sum).toBeCloseTo(profile.msPerStep, 6);
  const phases = (kernel: string): string[] => profile.rows.filter((row) => row.kernel === kernel).map(({ phase }) => phase);
  expect(new Set(phases('conv2d_b1b1_i16'))).toEqual(new Set(['forward']));
  expect(new Set(phases('conv2d_i16b1_i32_dw'))).toEqual(new Set(['backward']));
  expect(new Set(phases('update_muon'))).toEqual(new Set(['update']));
  for (const { kernel, gmacs, ms } of profile.rows) {
    expect(ms).toBeGreaterThan(0);
    expect(gmacs !== undefined, kernel).toBe(kernel.startsWith('conv2d_'));
  }
  const text = profileText(profile).split('\n');
  expect(text[0]).toMatch(/^profile of 3 training steps on 1 thread; \d+\.\d % of the multiply-accumulates in integers$/);
  expect(text).toHaveLength(profile.rows.length + 5);
});

it('counts the share of integer arithmetic', async () => {
  const shares = await Promise.all(
    (['int16', 'f32'] as const).map(async (gradients) => (await run({ profile: profiler(), gradients })).profile?.integerShare),
  );
  // Forward passes of the binary layers stay integers with f32 gradients; with int16 theirs are, too, and the f32 layers remain.
  expect(shares[1]).toBeGreaterThan(0);
  expect(shares[0]).toBeGreaterThan(2 * (shares[1] ?? 1));
  expect(shares[0]).toBeLessThan(1);
});

it('is absent unless asked for, and changes nothing', async () => {
  expect((await run({})).profile).toBeUndefined();
  expect((await fit({ ...options, profile: profiler() })).model).toEqual((await fit(options)).model);
});
