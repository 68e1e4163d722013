import { describe, expect, it } from 'vitest';
import { BitgaussError, type LoadOptions, loadModel } from '../../src/index.js';
import { readGraph } from '../../src/inference/graph.js';
import { Session } from '../../src/inference/session.js';
import { BACKWARDS, GROWING } from '../helpers/kernel-memory.js';
import { ModelFile } from '../helpers/model-file.js';
import { opOutputs } from '../helpers/op-outputs.js';
import { TestRandom } from '../helpers/random.js';
import { softmax } from '../oracle/elementwise.js';

const NETWORKS: Record<string, () => ModelFile> = {
  'every operation': () =>
    new ModelFile(new TestRandom(1), [12, 10, 3])
      .conv2dF32(20, 3, 1, 1, true)
      .maxPool2d(2, 1)
      .affine()
      .prelu()
      .hardtanh()
      .sign()
      .conv2dB1b1(70, 3, 1, 1)
      .maxPool2d(2, 2)
      .threshold()
      .conv2dB1b1(33, 3, 2, 1)
      .affine()
      .sign()
      .flatten()
      .linearB1b1(65)
      .threshold()
      .linearB1b1(10)
      .affine(),
  'binary weights and real activations': () =>
    new ModelFile(new TestRandom(7), [9, 8, 3])
      .conv2dF32b1(21, 3, 1, 1)
      .affine()
      .prelu()
      .conv2dF32b1(10, 2, 2, 0)
      .hardtanh()
      .affine()
      .quantize(8)
      .flatten()
      .linearF32b1(70)
      .affine()
      .linearF32b1(5),
  'float layers only': () =>
    new ModelFile(new TestRandom(2), [9, 7, 1], 'f32').conv2dF32(5, 3, 2, 1, false).prelu().maxPool2d(2, 2).flatten().linearF32(7, true),
  'a linear layer': () => new ModelFile(new TestRandom(3), [4, 4, 1]).flatten().linearF32(3, false),
  'a map of 1x1': () =>
    new ModelFile(new TestRandom(4), [1, 1, 5])
      .sign()
      .conv2dB1b1(65, 3, 1, 1)
      .threshold()
      .conv2dB1b1(130, 1, 1, 0)
      .maxPool2d(1, 1)
      .threshold()
      .conv2dB1b1(4, 5, 1, 2)
      .flatten()
      .affine(),
  'a convolution at the end': () =>
    new ModelFile(new TestRandom(5), [5, 5, 2]).sign().conv2dB1b1(8, 3, 2, 0).affine().conv2dF32(6, 2, 1, 0, true),
  'binary all through': () =>
    new ModelFile(new TestRandom(6), [28, 28, 1])
      .sign()
      .conv2dB1b1(64, 5, 1, 2)
      .maxPool2d(2, 2)
      .threshold()
      .conv2dB1b1(96, 3, 1, 0)
      .maxPool2d(3, 2)
      .threshold()
      .flatten()
      .linearB1b1(10)
      .affine(),
};

function imageFor(file: ModelFile, numbers: TestRandom): Uint8Array | Float32Array {
  const { height, width, channels, type } = file.model.input;
  const length = height * width * channels;
  return type === 'f32' ? numbers.floats(length) : Uint8Array.from({ length }, () => numbers.integer(0, 255));
}

describe.each(Object.entries(NETWORKS))('a network of %s', (_, build) => {
  const file = build();
  const bytes = file.bytes();
  const image = imageFor(file, new TestRandom(10));
  const x = image instanceof Float32Array ? [...image] : file.normalise(image);
  const outputs = file.evaluate(x);

  it.each([
    ['in one range', 'lookup', undefined],
    ['item by item, backwards', 'lookup', BACKWARDS],
    ['in growing ranges', 'lookup', GROWING],
    ['in one range', 'popcount', undefined],
    ['item by item, backwards', 'popcount', BACKWARDS],
  ] as const)('gives the bits of the definition, %s, by %s', async (_name, kernel, split) => {
    const session = await Session.create(
      readGraph(bytes, () => kernel),
      { split },
    );
    for (let i = 0; i < 2; i++) {
      opOutputs(session, image).forEach(({ op, kind, shape, values }, i) => {
        expect([op, kind, shape]).toEqual([file.steps[i].op, file.steps[i].kind, file.steps[i].shape]);
        expect([...values]).toEqual(outputs[i]);
      });
    }
  });

  it('predicts', async () => {
    const model = await loadModel(bytes);
    const logits = outputs[outputs.length - 1];
    const first = model.predict(image);
    expect([...first.logits]).toEqual(logits);
    expect(first.label).toBe(logits.indexOf(Math.max(...logits)));
    expect(first.name).toBe(String(first.label));
    softmax(logits).forEach((p, i) => {
      expect(first.probabilities[i]).toBeCloseTo(p, 6);
    });
    const kept = [...first.probabilities];
    const second = model.predict(Float32Array.from(x));
    expect([...second.logits]).toEqual(logits);
    expect([...second.probabilities]).toEqual(kept);
    expect(first.logits.buffer).not.toBe(second.logits.buffer);
  });

  it.each(['lookup', 'popcount'] as const)('embeds: gives what the last layer takes and gives, by %s', async (kernels) => {
    const model = await loadModel(bytes, { kernels });
    const last = file.steps.findLastIndex(({ op }) => /^(conv2d|linear)_/.test(op));
    const expected = { embedding: Float32Array.from(outputs[last - 1]), logits: Float32Array.from(outputs[outputs.length - 1]) };
    expect(model.embed(image)).toEqual(expected);
    expect(model.predict(image).logits).toEqual(expected.logits);
    expect(model.embed(Float32Array.from(x))).toEqual(expected);
  });
});

describe('embed', () => {
  it('wants an operation before the last layer, and an image that fits', async () => {
    const one = await loadModel(new ModelFile(new TestRandom(7), [4, 4, 1]).conv2dF32(3, 4, 1, 0, true).flatten().bytes());
    expect(() => one.embed(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(/^embed: /) }),
    );
    const model = await loadModel(NETWORKS['a linear layer']().bytes());
    expect(() => model.embed(new Uint8Array(15))).toThrow(/^image: got Uint8Array of 15 values/);
  });
});

describe('loadModel', () => {
  const file = NETWORKS['every operation']();
  const bytes = file.bytes();

  it('describes the model', async () => {
    const model = await loadModel(bytes.buffer);
    expect(model.input).toEqual({ height: 12, width: 10, channels: 3, type: 'u8' });
    expect(model.labels).toHaveLength(10);
    expect(model.bytes).toBe(bytes.length);
    expect(model.memoryBytes % 65536).toBe(0);
    expect(model.ops[0]).toMatchObject({ name: 'conv2d_f32', outputShape: [12, 10, 20], macs: 120 * 27 * 20, bytes: (27 * 20 + 20) * 4 });
    expect(model.ops[6]).toMatchObject({ name: 'conv2d_b1b1', outputShape: [11, 9, 70], macs: 99 * 9 * 20 * 70, bytes: 70 * 9 * 3 });
  });

  it('says how binary products are computed', async () => {
    const kernels = async (options?: LoadOptions) => (await loadModel(bytes, options)).ops.map(({ kernel }) => kernel);
    const binary = (conv: string) =>
      file.steps.map(({ op }) => (op === 'conv2d_b1b1' ? conv : op === 'linear_b1b1' ? 'popcount' : undefined));
    expect(await kernels()).toEqual(binary('lookup'));
    expect(await kernels({ kernels: 'lookup' })).toEqual(binary('lookup'));
    expect(await kernels({ kernels: 'popcount' })).toEqual(binary('popcount'));
    for (const [i, kernel] of (await kernels({ kernels: 'auto' })).entries())
      expect([binary('lookup')[i], binary('popcount')[i]]).toContain(kernel);
  });

  it.each(['popcount', 'auto'] as const)('gives the same result with kernels: %s', async (kernels) => {
    const image = imageFor(file, new TestRandom(15));
    expect((await loadModel(bytes, { kernels })).predict(image)).toEqual((await loadModel(bytes)).predict(image));
  });

  it('refuses kernels that it does not have', async () => {
    await expect(loadModel(bytes, { kernels: 'fast' as never })).rejects.toThrow(
      'kernels: got "fast", expected one of lookup, popcount, auto',
    );
  });

  it('reads bytes at any alignment', async () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect((await loadModel(shifted.subarray(3))).bytes).toBe(bytes.length);
  });

  it('refuses what is no file', async () => {
    await expect(loadModel('model.safetensors' as never)).rejects.toThrow(
      /bytes: got "model.safetensors", expected the Uint8Array or ArrayBuffer/,
    );
  });

  it('keeps models apart', async () => {
    const [a, b] = [await loadModel(bytes), await loadModel(NETWORKS['binary all through']().bytes())];
    const image = imageFor(file, new TestRandom(12));
    const before = a.predict(image);
    b.predict(new Uint8Array(784));
    expect(a.predict(image)).toEqual(before);
  });
});

describe('predict', async () => {
  const rgb = await loadModel(NETWORKS['every operation']().bytes());
  const grey = await loadModel(NETWORKS['a linear layer']().bytes());
  const float = await loadModel(NETWORKS['float layers only']().bytes());
  const numbers = new TestRandom(13);

  it('drops the alpha of RGBA', () => {
    const image = Uint8Array.from({ length: 360 }, () => numbers.integer(0, 255));
    const rgba = new Uint8ClampedArray(480);
    for (let p = 0; p < 120; p++) rgba.set([...image.subarray(3 * p, 3 * p + 3), p], 4 * p);
    expect(rgb.predict(rgba)).toEqual(rgb.predict(image));
  });

  it.each([
    [
      'RGBA for one channel',
      grey,
      new Uint8ClampedArray(64),
      /got Uint8ClampedArray of 64 values \(RGBA\?\), expected Uint8Array .* of 4x4x1 = 16 values/,
    ],
    [
      'another size',
      rgb,
      new Uint8Array(361),
      /got Uint8Array of 361 values, expected .* 12x10x3 = 360 values .*RGBA.*resize and convert before/,
    ],
    ['another size of floats', rgb, new Float32Array(480), /got Float32Array of 480 values, expected/],
    ['bytes for a float model', float, new Uint8Array(63), /got Uint8Array of 63 values, expected Float32Array of 9x7x1 = 63/],
    ['no image', grey, undefined, /got undefined, expected/],
    ['an array', grey, new Array(16).fill(0), /got Array, expected/],
    ['another type', grey, new Float64Array(16), /got Float64Array of 16 values, expected/],
    ['NaN', grey, new Float32Array(16).fill(NaN, 3), /image\[3\]: got NaN, expected a finite number/],
  ])('refuses %s', (_, model, image, message) => {
    let error: unknown;
    try {
      model.predict(image as Uint8Array);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as BitgaussError).code).toBe('argument');
    expect((error as BitgaussError).message).toMatch(message);
  });

  it('says when logits overflow', async () => {
    const file = new ModelFile(new TestRandom(14), [1, 1, 2]).flatten().linearF32(2, false);
    (file.tensors.get('tensor 0')!.data as Float32Array).fill(3e38);
    const model = await loadModel(file.bytes());
    const image = Float32Array.of(3e38, 1);
    expect(() => model.predict(image)).toThrow(/logits\[0\]: got Infinity/);
    expect(() => model.embed(image)).toThrow(/logits\[0\]: got Infinity/);
  });
});
