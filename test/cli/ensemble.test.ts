// The command line on a file that holds an ensemble.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { digits } from '../../src/data.js';
import { loadModel, type PredictOptions } from '../../src/index.js';
import { bitgauss, jsonLines, temporaryFolder } from '../helpers/cli.js';
import { ensembleBytes, networkOf, sample } from '../helpers/ensemble-file.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';

const folder = temporaryFolder();
const file = new ModelFile(new TestRandom(1), [28, 28, 1])
  .conv2dF32(8, 3, 2, 1, false)
  .sign()
  .conv2dB1b1(16, 3, 2, 1)
  .threshold()
  .flatten()
  .linearB1b1(10)
  .affine();
const numbers = new TestRandom(2);
const members = Array.from({ length: 6 }, () => sample(networkOf(file), numbers, 0.05));
const bytes = ensembleBytes(file, members);
const ensemble = join(folder, 'ensemble.safetensors');
const single = join(folder, 'single.safetensors');
writeFileSync(ensemble, bytes);
writeFileSync(single, file.bytes());

const { test: set } = digits();
function digit(i: number): { image: Uint8Array; label: number } {
  const images = new Uint8Array(784);
  const labels = new Int32Array(1);
  set.read(Uint32Array.of(i), { images, labels });
  return { image: images, label: labels[0] };
}

describe('eval', () => {
  test('has the accuracy of the mode, of all members and of as many as it takes', async () => {
    const model = await loadModel(bytes);
    const measured = (options: PredictOptions): [accuracy: number, members: number] => {
      let [correct, members] = [0, 0];
      for (let i = 0; i < set.length; i++) {
        const { image, label } = digit(i);
        const prediction = model.predict(image, options);
        if (prediction.label === label) correct++;
        members += prediction.members;
      }
      return [correct / set.length, members / set.length];
    };
    const [[accuracy], [ensembleAccuracy], [anytimeAccuracy, anytimeMembers]] = [{ draw: 'mode' } as const, {}, { until: 0.9 }].map(
      measured,
    );
    expect(anytimeMembers).toBeLessThan(6);
    const run = await bitgauss(['eval', ensemble, '--until', '0.9', '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const [result] = jsonLines(run.stdout);
    expect(result).toMatchObject({ accuracy, ensembleAccuracy, members: 6, anytimeAccuracy, anytimeMembers });
    expect(result.imagesPerSecond).toBeGreaterThan(0);
    expect(result.anytimeImagesPerSecond).toBeGreaterThan(0);
    const text = (await bitgauss(['eval', ensemble])).stdout.split('\n');
    expect(text).toEqual([
      expect.stringMatching(/^accuracy \d+\.\d\d % on 2000 images, \d+ images\/s one by one$/),
      expect.stringMatching(/^ensemble of 6 \d+\.\d\d % on 2000 images/),
      '',
    ]);
  });

  test('of one network has no accuracy of an ensemble', async () => {
    const [result] = jsonLines((await bitgauss(['eval', single, '--json'])).stdout);
    expect(Object.keys(result)).toEqual(['accuracy', 'ensembleAccuracy', 'members', 'imagesPerSecond']);
    expect(result).toMatchObject({ ensembleAccuracy: null, members: 0 });
  });
});

describe('predict', () => {
  const { image } = digit(3);
  const rgba = Uint8Array.from({ length: 4 * 784 }, (_, i) => (i % 4 === 3 ? 255 : image[i >> 2]));
  const picture = join(folder, 'digit.jpg');
  writeFileSync(picture, encode({ data: rgba, width: 28, height: 28 }, 100).data);

  test('lets all members vote, or as many as it takes, on a JPEG file', async () => {
    const [all] = jsonLines((await bitgauss(['predict', ensemble, picture, '--json'])).stdout);
    expect(all).toMatchObject({ file: picture, members: 6 });
    const [few] = jsonLines((await bitgauss(['predict', ensemble, picture, '--until', '0.51', '--json'])).stdout);
    expect(few.members).toBeLessThan(6);
    expect((await bitgauss(['predict', ensemble, picture])).stdout).toMatch(/digit\.jpg: \d \(\d+\.\d\d %, 6 of 6 members\)\n$/);
    expect((await bitgauss(['predict', single, picture])).stdout).toMatch(/digit\.jpg: \d \(\d+\.\d\d %\)\n$/);
  });

  test.each([
    ['of a file with one network', single, '0.9', /until: got 0.9, expected none where one network runs/],
    ['of 0.5', ensemble, '0.5', /--until.*0\.5.*Expected a number above 0\.5 and below 1/],
    ['of 1', ensemble, '1', /--until.*Expected a number above 0\.5 and below 1/],
    ['as a word', ensemble, 'often', /--until.*often.*Expected a number/],
  ])('refuses --until %s', async (_, model, until, message) => {
    for (const args of [
      ['predict', model, picture],
      ['eval', model],
    ]) {
      const run = await bitgauss([...args, '--until', until]);
      expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
      expect(run.stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('inspect', () => {
  test('says what members add to the file and what all takes in memory', async () => {
    const model = await loadModel(bytes);
    const [result] = jsonLines((await bitgauss(['inspect', ensemble, '--json'])).stdout);
    const { memberBytes, memory, memoryBytes, ops } = model;
    expect(result).toMatchObject({ bytes: bytes.length, members: 6, memberBytes, memory, memoryBytes, ops });
    expect(memberBytes).toHaveLength(6);
    const text = (await bitgauss(['inspect', ensemble])).stdout;
    expect(text).toContain(`ensemble of 6 members, with bytes of their own: ${memberBytes.join(', ')}\n`);
    expect(text).toContain(
      `memory ${memoryBytes} bytes: ${memory.constants} constants, ${memory.activations} activations, ${memory.scratch} scratch\n`,
    );
    expect(text).toMatch(/conv2d_b1b1 +7x7x16 +56448 +144 +\d+ +\d+ +0\n/);
    expect((await bitgauss(['inspect', single])).stdout).not.toContain('ensemble');
  });
});
