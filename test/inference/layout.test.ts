import { describe, expect, it } from 'vitest';
import { readGraph } from '../../src/inference/graph.js';
import { layOut } from '../../src/inference/layout.js';
import { Session } from '../../src/inference/session.js';
import { ensembleBytes, networkOf, sample, singleBytes } from '../helpers/ensemble-file.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';

describe('operations that give one f32 for each f32', () => {
  const file = new ModelFile(new TestRandom(1), [6, 7, 2], 'f32')
    .prelu()
    .conv2dF32(5, 3, 1, 1, true)
    .affine()
    .prelu()
    .hardtanh()
    .sign()
    .conv2dB1b1(6, 3, 1, 0)
    .affine()
    .flatten()
    .affine();
  const inPlace = (bytes: Uint8Array): string[] => {
    const { networks } = layOut(readGraph(bytes), () => 0);
    return file.steps.flatMap(({ op }, i) => (networks[0][i].x === networks[0][i].y ? [`${op} ${i}`] : []));
  };

  it('write where they read', () => {
    expect(inPlace(file.bytes())).toEqual(['prelu 0', 'affine 2', 'prelu 3', 'hardtanh 4', 'affine 9']);
  });

  it('keep what the networks of an ensemble have in common', async () => {
    // The first affine is the first operation that differs.
    const members = Array.from({ length: 3 }, () => sample(networkOf(file), new TestRandom(2), 0.1));
    const bytes = ensembleBytes(file, members);
    expect(layOut(readGraph(bytes), () => 0).shared).toBe(2);
    expect(inPlace(bytes)).toEqual(['prelu 0', 'prelu 3', 'hardtanh 4', 'affine 9']);
    const image = new TestRandom(3).floats(84);
    const session = await Session.create(readGraph(bytes));
    session.start(image);
    for (const [m, member] of members.entries()) {
      const single = await Session.create(readGraph(singleBytes(file, member)));
      single.start(image);
      expect(session.logits(m + 1)).toEqual(single.logits(0));
      expect(session.logits(m + 1)).toEqual(single.logits(0));
    }
  });
});
