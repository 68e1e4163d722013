// What an ensemble file holds of its networks: everything once, differences as they are smallest.
import { describe, expect, test } from 'vitest';
import { normalizationTable } from '../../src/core/normalization.js';
import { RandomStream } from '../../src/core/random.js';
import { exportEnsemble } from '../../src/export/export-ensemble.js';
import { exportModel } from '../../src/export/export-model.js';
import { readSafetensors } from '../../src/format/safetensors.js';
import { loadModel } from '../../src/index.js';
import { TrainingSession } from '../../src/train/session.js';
import { adamw, vispa } from '../../src/train.js';
import { ensembleBytes, networkOf, sample, singleBytes } from '../helpers/ensemble-file.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';
import { tinyNet } from '../helpers/tiny.js';

const small = (): ModelFile =>
  new ModelFile(new TestRandom(1), [8, 8, 1])
    .conv2dF32(33, 3, 1, 1, true) // tensors 0 and 1
    .sign()
    .conv2dB1b1(40, 3, 1, 1) // tensor 2
    .threshold() // tensors 3 and 4
    .flatten()
    .linearB1b1(10) // tensor 5
    .affine(); // tensors 6 and 7

describe('an ensemble file', () => {
  test('has flip lists, planes and whole tensors where members differ, nothing else', () => {
    const file = small();
    const base = networkOf(file);
    const numbers = new TestRandom(2);
    const members = [sample(base, numbers, 0.05, false), base, sample(base, numbers, 0.3), sample(base, numbers, 0, true)];
    const { metadata, tensors } = readSafetensors(ensembleBytes(file, members));
    expect(metadata.get('ensemble')).toBe('{"members":4}');
    const own = [...tensors.keys()].filter((name) => !base.tensors.has(name)).sort();
    const norms = ['.flips/tensor 4', '/tensor 3', '/tensor 6', '/tensor 7'];
    expect(own).toEqual(
      [
        ...['.flips/tensor 2', '.flips/tensor 5'].map((name) => `member0${name}`),
        ...['/tensor 2', '/tensor 5', ...norms].map((name) => `member2${name}`),
        ...norms.map((name) => `member3${name}`),
      ].sort(),
    );
    for (const [name, { data }] of base.tensors) expect(tensors.get(name)?.data).toEqual(data);
    expect(tensors.get('member2/tensor 2')?.data).toEqual(members[2].tensors.get('tensor 2')?.data);
    expect([...(tensors.get('member3.flips/tensor 4')?.data ?? [])]).toEqual([8]); // bit 0 of byte 1
  });

  test('is the single file but for what it adds', () => {
    const file = small();
    const one = readSafetensors(file.bytes());
    const two = readSafetensors(ensembleBytes(file, [networkOf(file)]));
    expect([...two.tensors]).toEqual([...one.tensors]);
    expect([...two.metadata]).toEqual([...one.metadata, ['ensemble', '{"members":1}']]);
  });

  test('is the same for the same networks, and another for another order', () => {
    const bytes = (order: number[]): Uint8Array => {
      const members = order.map((seed) => sample(networkOf(small()), new TestRandom(seed), 0.05));
      return ensembleBytes(small(), members);
    };
    expect(bytes([1, 2])).toEqual(bytes([1, 2]));
    expect(bytes([1, 2])).not.toEqual(bytes([2, 1]));
  });

  test('of ten members of a VGG-like net, 4.5 % flipped, is less than half of ten files', () => {
    const file = new ModelFile(new TestRandom(3), [32, 32, 3]).conv2dF32(128, 3, 1, 1, false).affine().prelu().sign();
    for (const [cout, pool] of [
      [128, true],
      [256, false],
      [256, true],
      [512, false],
      [512, true],
    ] as const) {
      file.conv2dB1b1(cout, 3, 1, 1);
      if (pool) file.maxPool2d(2, 2);
      file.threshold();
    }
    file.flatten().linearB1b1(10).affine();
    const numbers = new TestRandom(4);
    const members = Array.from({ length: 10 }, () => sample(networkOf(file), numbers, 0.045));
    const ensemble = ensembleBytes(file, members).length;
    const singles = members.reduce((sum, member) => sum + singleBytes(file, member).length, 0);
    expect(ensemble).toBeLessThan(singles / 2);
  });

  test('is refused for networks that are no samples of one', () => {
    const file = small();
    const base = networkOf(file);
    const input = { shape: { height: 8, width: 8, channels: 1 }, type: 'u8' as const, mean: [0], std: [1], labels: ['a'] };
    const other = sample(base, new TestRandom(1), 0.1);
    const ops = base.ops.map((op, i) => (i === 2 ? { ...op, padding: 0 } : op));
    const tensors = new Map([...base.tensors].filter(([name]) => name !== 'tensor 7'));
    for (const bad of [
      { ...other, ops },
      { ...other, tensors },
    ])
      expect(() => exportEnsemble(base, [base, bad], input)).toThrow(/the members are not samples of the same network/);
    expect(() => exportEnsemble(base, [], input)).toThrow(/members: got 0, expected 1 to 4096 of them/);
    expect(() => exportEnsemble(base, new Array(4097).fill(base), input)).toThrow(/members: got 4097/);
  });
});

test('an ensemble of a trained network is what its samples are one by one', async () => {
  const session = await TrainingSession.create({
    model: tinyNet({ classes: 4 }),
    input: { shape: { height: 12, width: 12, channels: 1 }, type: 'u8', table: normalizationTable([0.4], [0.3]) },
    classes: 4,
    batchSize: 16,
    gradients: 'int16',
    seed: 5,
    method: vispa(),
    optimizer: adamw(),
    realOptimizer: adamw(),
  });
  const stream = new RandomStream(9, 'images');
  const images = Array.from({ length: 5 }, () => Uint8Array.from({ length: 144 }, () => stream.integer(256)));
  const input = {
    shape: { height: 12, width: 12, channels: 1 },
    type: 'u8' as const,
    mean: [0.4],
    std: [0.3],
    labels: ['a', 'b', 'c', 'd'],
  };
  session.draw({ kind: 'mode' });
  const base = session.network.lower();
  const mode = exportModel(session.network, input);
  const members = [];
  const singles = [];
  for (let index = 0; index < 6; index++) {
    session.draw({ kind: 'sample', index });
    // What estimating the norms anew would do.
    for (const { pointer, size } of session.network.steps.flatMap((step) => step.buffers?.() ?? []))
      session.runtime.arena.f32(pointer, size)[index] += 1;
    members.push(session.network.lower());
    singles.push(await loadModel(exportModel(session.network, input)));
  }
  const bytes = exportEnsemble(base, members, input);
  expect(bytes.length).toBeLessThan(2.5 * mode.length);
  const ensemble = await loadModel(bytes);
  expect(ensemble.members).toBe(6);
  for (const image of images) {
    const all = singles.map((single) => [...single.predict(image).logits]);
    const sums = all.reduce((a, b) => a.map((sum, c) => sum + b[c]));
    expect([...ensemble.predict(image).logits]).toEqual(sums.map((sum) => Math.fround(sum / 6)));
    expect(ensemble.predict(image, { draw: 'mode' })).toEqual((await loadModel(mode)).predict(image));
    expect(new Set(all.map(String)).size).toBe(6);
  }
});
