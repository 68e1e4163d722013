// An ensemble against its networks in files of their own, one by one.
import { describe, expect, it } from 'vitest';
import { BitgaussError, loadModel, type Model, type PredictOptions } from '../../src/index.js';
import { readGraph } from '../../src/inference/graph.js';
import { layOut } from '../../src/inference/layout.js';
import { ensembleBytes, type Network, networkOf, sample, singleBytes } from '../helpers/ensemble-file.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';
import { studentUpperTail } from '../oracle/student-t.js';

const FILES: Record<string, [() => ModelFile, { norms: boolean; shared: number }]> = {
  'a real first layer, thresholds and scales of their own': [
    () =>
      new ModelFile(new TestRandom(1), [12, 10, 3])
        .conv2dF32(20, 3, 1, 1, true)
        .maxPool2d(2, 2)
        .sign()
        .conv2dB1b1(70, 3, 1, 1)
        .threshold()
        .conv2dB1b1(33, 3, 2, 1)
        .affine()
        .sign()
        .flatten()
        .linearB1b1(65)
        .threshold()
        .linearB1b1(10)
        .affine(),
    { norms: true, shared: 3 },
  ],
  'a binary first layer, only weights of their own, a real head': [
    () =>
      new ModelFile(new TestRandom(2), [9, 9, 1])
        .sign()
        .conv2dB1b1(40, 5, 1, 2)
        .threshold()
        .conv2dB1b1(24, 3, 1, 0)
        .affine()
        .prelu()
        .flatten()
        .linearF32(5, true),
    { norms: false, shared: 1 },
  ],
  'a norm of their own right at the image': [
    () =>
      new ModelFile(new TestRandom(3), [5, 5, 2], 'f32')
        .affine()
        .sign()
        .conv2dB1b1(9, 3, 1, 1)
        .threshold()
        .flatten()
        .linearB1b1(4)
        .affine(),
    { norms: true, shared: 0 },
  ],
};

function imageFor(file: ModelFile, numbers: TestRandom): Uint8Array | Float32Array {
  const { height, width, channels, type } = file.model.input;
  const length = height * width * channels;
  return type === 'f32' ? numbers.floats(length) : Uint8Array.from({ length }, () => numbers.integer(0, 255));
}

async function build(file: ModelFile, members: Network[]): Promise<{ ensemble: Model; singles: Model[]; mode: Model }> {
  const singles: Model[] = [];
  for (const member of members) singles.push(await loadModel(singleBytes(file, member)));
  return { ensemble: await loadModel(ensembleBytes(file, members)), singles, mode: await loadModel(file.bytes()) };
}

describe.each(Object.entries(FILES))('an ensemble with %s', (_, [make, { norms, shared }]) => {
  const file = make();
  const numbers = new TestRandom(20);
  // The third member is the base network itself.
  const members = Array.from({ length: 7 }, (_, i) => (i === 2 ? networkOf(file) : sample(networkOf(file), numbers, 0.05, norms)));
  const images = Array.from({ length: 6 }, () => imageFor(file, numbers));

  it('gives the mean of its networks, bit for bit, and the mode', async () => {
    const { ensemble, singles, mode } = await build(file, members);
    expect(ensemble.members).toBe(7);
    expect(mode.members).toBe(0);
    for (const image of images) {
      const all = singles.map((single) => [...single.predict(image).logits]);
      const sums = all.reduce((a, b) => a.map((sum, c) => sum + b[c]));
      const { logits, label, name, members, probabilities } = ensemble.predict(image);
      expect([...logits]).toEqual(sums.map((sum) => Math.fround(sum / 7)));
      expect(label).toBe(sums.indexOf(Math.max(...sums)));
      expect([name, members]).toEqual([String(label), 7]);
      const exps = [...logits].map((logit) => Math.exp(logit - Math.max(...logits)));
      const total = exps.reduce((a, b) => a + b);
      exps.forEach((e, c) => {
        expect(probabilities[c]).toBeCloseTo(e / total, 6);
      });
      expect(ensemble.predict(image, { draw: 'mode' })).toEqual(mode.predict(image));
      expect(ensemble.embed(image)).toEqual(mode.embed(image));
      expect(mode.predict(image).members).toBe(1);
      expect(mode.predict(image, { draw: 'mode' })).toEqual(mode.predict(image));
    }
  });

  it('runs once what comes before the first difference', () => {
    expect(layOut(readGraph(ensembleBytes(file, members)), () => 0).shared).toBe(shared);
    expect(layOut(readGraph(file.bytes()), () => 0).shared).toBe(file.model.ops.length);
  });

  it.each([0.6, 0.9, 0.99, 0.999999])('stops by its definition with until %d', async (until) => {
    const { ensemble, singles } = await build(file, members);
    for (const image of images) {
      const all = singles.map((single) => [...single.predict(image).logits]);
      const m = membersByDefinition(all, until);
      const sums = all.slice(0, m).reduce((a, b) => a.map((sum, c) => sum + b[c]));
      const prediction = ensemble.predict(image, { until });
      expect(prediction.members).toBe(m);
      expect([...prediction.logits]).toEqual(sums.map((sum) => Math.fround(sum / m)));
      expect(prediction.label).toBe(sums.indexOf(Math.max(...sums)));
    }
  });
});

/** How many of all members it takes: from three on, until the probabilities that a rival overtakes add up to 1 - until or less. */
function membersByDefinition(all: number[][], until: number): number {
  const L = all.length;
  for (let m = 3; m < L; m++) {
    const seen = all.slice(0, m);
    const sums = seen.reduce((a, b) => a.map((sum, c) => sum + b[c]));
    const leader = sums.indexOf(Math.max(...sums));
    const risks = sums.map((_, rival) => {
      if (rival === leader) return 0;
      const d = seen.map((logits) => logits[leader] - logits[rival]);
      const mean = d.reduce((a, b) => a + b) / m;
      const variance = d.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (m - 1);
      if (variance === 0) return mean > 0 ? 0 : 1;
      const error = Math.sqrt((variance * (L - m) * L) / m);
      return studentUpperTail((L * mean) / error, m - 1);
    });
    if (risks.reduce((a, b) => a + b) <= 1 - until) return m;
  }
  return L;
}

describe('an ensemble in memory', () => {
  const [make] = FILES['a real first layer, thresholds and scales of their own'];
  const file = make();

  it('has once what its networks share', async () => {
    const members = Array.from({ length: 4 }, (_, i) => sample(networkOf(file), new TestRandom(i), 0.05));
    const { ensemble, mode } = await build(file, members);
    const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64;
    ensemble.ops.forEach(({ name, memory, outputShape }, i) => {
      const own = /b1b1|threshold|affine/.test(name);
      expect(memory.constants, name).toBe(mode.ops[i].memory.constants * (own ? 5 : 1));
      expect(memory.output).toBe(mode.ops[i].memory.output);
      expect(memory.output).toBeGreaterThanOrEqual(outputShape.reduce((a, b) => a * b));
    });
    const table = 3 * 256 * 4;
    for (const model of [ensemble, mode]) {
      expect(model.memory.constants).toBe(rounded(table) + model.ops.reduce((sum, op) => sum + op.memory.constants, 0));
      expect(model.memory.constants + model.memory.activations + model.memory.scratch).toBe(model.memoryBytes);
      expect(model.memory.scratch).toBeGreaterThan(65536);
    }
    // The output of the last shared operation lives on.
    expect(ensemble.memory.activations).toBeLessThan(mode.memory.activations + ensemble.ops[2].memory.output + 64);
    expect(mode.ops[3].memory).toMatchObject({ constants: rounded(9 * 70 * 8), workspace: 0 });
    expect(mode.ops[9].memory.workspace).toBe(rounded((15 * 33) / 8));
  });

  it('shares what did not change within an operation', async () => {
    const own = new Map(networkOf(file).tensors);
    const { dtype, shape, data } = own.get('tensor 3')!; // thresholds; flips stay
    own.set('tensor 3', { dtype, shape, data: data.map((t: number) => t + 1) as Int16Array });
    const ensemble = await loadModel(ensembleBytes(file, [{ ops: file.model.ops, tensors: own }]));
    expect(ensemble.ops[4].memory.constants).toBe(192 + 192 + 128); // 70 thresholds twice, 70 flips once
    expect(ensemble.memberBytes).toEqual([140]);
  });
});

describe('options of predict', async () => {
  const [make] = FILES['a binary first layer, only weights of their own, a real head'];
  const { ensemble, mode } = await build(make(), [networkOf(make()), networkOf(make())]);

  const cases: [string, () => Model, unknown, RegExp][] = [
    ['until of a file with one network', () => mode, { until: 0.9 }, /until: got 0.9, expected none where one network runs/],
    ['until of the mode', () => ensemble, { until: 0.9, draw: 'mode' }, /until: got 0.9, expected none where one network runs/],
    ['until of 0.5', () => ensemble, { until: 0.5 }, /until: got 0.5, expected a number above 0.5 and below 1/],
    ['until of 1', () => ensemble, { until: 1 }, /until: got 1, expected a number above/],
    ['until of NaN', () => ensemble, { until: Number.NaN }, /until: got NaN/],
    ['until as text', () => ensemble, { until: '0.9' }, /until: got "0.9"/],
    ['another draw', () => ensemble, { draw: 'all' }, /draw: got "all", expected "mode", or none/],
  ];
  it.each(cases)('refuses %s', (_, model, options, message) => {
    let error: unknown;
    try {
      model().predict(new Uint8Array(81), options as PredictOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as BitgaussError).code).toBe('argument');
    expect((error as BitgaussError).message).toMatch(message);
  });

  it('runs members that are too few to judge', () => {
    expect(ensemble.predict(new Uint8Array(81), { until: 0.51 }).members).toBe(2);
  });
});
