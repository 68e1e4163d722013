import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { digits } from '../../src/data.js';
import { loadModel } from '../../src/index.js';
import { bitgauss, jsonLines, temporaryFolder } from '../helpers/cli.js';

const folder = temporaryFolder();
const model = join(folder, 'model.safetensors');
const short = ['--epochs', '1', '--limit-batches', '12', '--batch', '64'];
let trained: Record<string, unknown>[];

beforeAll(async () => {
  const run = await bitgauss(['train', ...short, '--json', '--samples', '2', '--out', model]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  trained = jsonLines(run.stdout);
});

/** One clear line on stderr, nothing on stdout. */
function expectLine(run: { code: number | null; stdout: string; stderr: string }, code: number, pattern: RegExp): void {
  expect(run.stderr).toMatch(pattern);
  expect(run.stderr.trim().split('\n')).toHaveLength(1);
  expect(run.stdout).toBe('');
  expect(run.code).toBe(code);
}

describe('train', () => {
  test('prints one JSON object a line and ends with done', () => {
    expect(trained[0]).toMatchObject({ event: 'start', model: 'convnet', method: 'vispa', train: 9000, validation: 1000, test: 2000 });
    const done = trained.at(-1) as Record<string, number>;
    expect(Object.keys(done).slice(0, 5)).toEqual(['event', 'testAccuracy', 'ensembleAccuracy', 'imagesPerSecond', 'seconds']);
    expect(done.model).toBe(model);
    expect(done.testAccuracy).toBeGreaterThan(0.1);
    expect(done.testAccuracy).toBeLessThanOrEqual(1);
    expect(done.imagesPerSecond).toBeGreaterThan(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('the same command gives the same bytes', async () => {
    const again = join(folder, 'again.safetensors');
    await bitgauss(['train', ...short, '--quiet', '--samples', '0', '--out', again]);
    expect(readFileSync(again)).toEqual(readFileSync(model));
  });

  test('an interrupt writes the best model so far and exits with 130', async () => {
    const out = join(folder, 'interrupted.safetensors');
    const run = await bitgauss(['train', '--epochs', '500', '--limit-batches', '4', '--batch', '64', '--json', '--out', out], {
      onStart(child) {
        let sent = false;
        child.stdout?.on('data', (text) => {
          if (sent || !String(text).includes('"epoch"')) return;
          sent = true;
          child.kill('SIGINT');
        });
      },
    });
    expect(run.code).toBe(130);
    expect(jsonLines(run.stdout).at(-1)).toEqual({ event: 'interrupted', model: out });
    await expect(loadModel(readFileSync(out))).resolves.toBeDefined();
  });
});

describe('files that are already there', () => {
  test('an interrupt before the first epoch has ended leaves them alone', async () => {
    const out = join(folder, 'kept.safetensors');
    writeFileSync(out, readFileSync(model));
    const run = await bitgauss(['train', '--epochs', '500', '--batch', '64', '--json', '--out', out], {
      onStart(child) {
        child.stdout?.once('data', () => child.kill('SIGINT'));
      },
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toMatch(/interrupted before the first epoch ended; nothing was written/);
    expect(readFileSync(out)).toEqual(readFileSync(model));
  });

  test('a link stays a link, and what it names is written', async () => {
    const target = join(folder, 'target.safetensors');
    const link = join(folder, 'link.safetensors');
    writeFileSync(target, 'old', { mode: 0o600 });
    symlinkSync(target, link);
    await bitgauss(['train', ...short, '--quiet', '--samples', '0', '--out', link]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target)).toEqual(readFileSync(model));
    expect(lstatSync(target).mode & 0o777).toBe(0o600);
  });
});

describe('a reader that goes away', () => {
  test('does not end the training', async () => {
    const out = join(folder, 'piped.safetensors');
    await bitgauss(['train', ...short, '--json', '--samples', '0', '--out', out], {
      onStart(child) {
        child.stdout?.once('data', () => child.stdout?.destroy());
      },
    });
    expect(readFileSync(out)).toEqual(readFileSync(model));
  });
});

describe('options of another method', () => {
  test('are said to have no effect', async () => {
    const run = await bitgauss(['train', ...short, '--method', 'ste', '--rank', '3', '--quiet', '--out', join(folder, 'ste.safetensors')]);
    expect(run.stderr).toBe('warning: --rank belongs to --method vispa and has no effect on ste\n');
    expect(run.code).toBe(0);
    const summary = await bitgauss(['summary', '--method', 'ste', '--rank', '3']);
    expect(summary).toMatchObject({ code: 0, stderr: run.stderr });
  });

  test('are said to have no effect where the method updates its weights itself', async () => {
    const out = join(folder, 'bop.safetensors');
    const run = await bitgauss(['train', ...short, '--method', 'bop', '--optimizer', 'sgd', '--clip', '1', '--json', '--out', out]);
    expect(run.stderr).toBe(
      'warning: --clip belongs to --method ste or binary-connect and has no effect on bop\n' +
        'warning: --optimizer has no effect on --method bop, which updates its weights itself\n',
    );
    expect(run.code).toBe(0);
    expect(jsonLines(run.stdout)[0]).toMatchObject({ event: 'start', method: 'bop', optimizer: 'bop' });
  });
});

describe('summary', () => {
  test('prints layers, work and memory', async () => {
    const run = await bitgauss(['summary', '--model', 'vgg-small', '--width', '0.5', '--head', 'binary']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^17\.binaryConv2d +8x8x256 +589824 +589824 +37748736 +37748736$/m);
    expect(run.stdout).toMatch(/^22\.binaryLinear +1x1x10 +40960 +40960 /m);
    expect(run.stdout).toMatch(/^memory for a batch of 128, vispa with muon, int16 gradients$/m);
    expect(run.stdout).toMatch(/^total( +[\d.]+ [KM]iB){7}$/m);
    expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('as JSON, for every option', async () => {
    const args = ['--model', 'mlp', '--hidden', '100,50', '--input', '28x28x1', '--classes', '7', '--stem', 'binary', '--json'];
    const of = async (...more: string[]): Promise<Record<string, Record<string, number>>> => {
      const run = await bitgauss(['summary', ...args, ...more]);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      return jsonLines(run.stdout)[0] as Record<string, Record<string, number>>;
    };
    const base = await of();
    expect(base).toMatchObject({ model: 'mlp', batch: 128, method: 'vispa', gradients: 'int16', fits: true });
    expect(base.total.bits).toBe(78400 + 5000);
    expect(base.total.parameters).toBe(78400 + 5000 + 3 * 150 + 357);
    expect((await of('--method', 'ste')).memory.optimizer).toBeLessThan(base.memory.optimizer / 2);
    expect((await of('--rank', '4')).memory.optimizer).toBeGreaterThan(base.memory.optimizer * 1.6);
    expect((await of('--optimizer', 'sgd')).memory.optimizer).toBe(base.memory.optimizer + 2 * 192); // one array of state each; sgd's pass has three words of 64 bytes a layer
    expect((await of('--optimizer', 'adamw')).memory.optimizer).toBeGreaterThan(base.memory.optimizer * 1.4);
    expect((await of('--batch', '256')).memory.activations).toBe(2 * base.memory.activations);
    expect((await of('--gradients', 'f32')).memory.workspace).toBeGreaterThan(base.memory.workspace);
  });

  test.each<[string[], RegExp]>([
    [['--hidden', '64,x'], /--hidden.*'64,x'.*Expected a whole number of at least 1/],
    [['--model', 'mlp', '--width', '2'], /mlp\.width: got 2, expected nothing: .* classes, hidden, head, stem/],
    [['--hidden', '64'], /convnet\.hidden: got \[64\], expected nothing/],
    [['--input', '28x28'], /--input.*'28x28'.*such as 32x32x3/],
    [['--input', '2x2x1'], /window: got 2, expected at most the map, 1x1/],
    [['--head', 'int8'], /--head.*Allowed choices are f32, binary/],
  ])('%j', async (args, pattern) => {
    expectLine(await bitgauss(['summary', ...args]), 2, pattern);
  });
});

describe('eval, predict, inspect', () => {
  test('eval gives the accuracy that training reported', async () => {
    const run = await bitgauss(['eval', model, '--json']);
    expect(run.code).toBe(0);
    const [result] = jsonLines(run.stdout);
    expect(result.accuracy).toBe(trained.at(-1)?.testAccuracy);
    expect(result.ensembleAccuracy).toBeNull();
  });

  test('predict classifies PNG files written from the test set', async () => {
    const { test: set } = digits({ train: 1, test: 5 });
    const files: string[] = [];
    const expected: number[] = [];
    const runtime = await loadModel(readFileSync(model));
    for (let i = 0; i < 5; i++) {
      const images = new Uint8Array(784);
      set.read(Uint32Array.of(i), { images, labels: new Int32Array(1) });
      files.push(writePng(`digit${i}.png`, 28, 28, images));
      expected.push(runtime.predict(images).label);
    }
    const run = await bitgauss(['predict', model, ...files, '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const lines = jsonLines(run.stdout);
    expect(lines.map((line) => line.label)).toEqual(expected);
    for (const line of lines) expect((line.probabilities as number[]).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    const text = await bitgauss(['predict', model, files[0]]);
    expect(text.stdout).toMatch(/digit0\.png: \d \(\d+\.\d\d %\)\n/);
  });

  test('inspect says how large the file and its binary layers are', async () => {
    const run = await bitgauss(['inspect', model, '--json']);
    const [result] = jsonLines(run.stdout);
    const bytes = readFileSync(model).length;
    expect(result).toMatchObject({ bytes, binaryBytes: (9 * 64 * 64 + 9 * 64 * 128) / 8 });
    expect(bytes).toBeGreaterThan(260_000);
    expect(bytes).toBeLessThan(290_000);
    const text = await bitgauss(['inspect', model]);
    expect(text.stdout).toContain(`${bytes} bytes, 13824 of them 1-bit weights`);
    expect(text.stdout).toContain('conv2d_b1b1');
  });
});

describe('usage errors exit with 2', () => {
  const cases: [string, string[], RegExp][] = [
    ['unknown option', ['train', '--frobnicate'], /unknown option '--frobnicate'/],
    ['unknown command', ['fly'], /unknown command 'fly'/],
    ['a learning rate of NaN', ['train', '--lr', 'NaN'], /--lr.*NaN.*Expected a number of at least 0/],
    ['a negative learning rate', ['train', '--lr', '-1'], /--lr.*-1.*Expected a number of at least 0/],
    ['epochs that are no number', ['train', '--epochs', 'many'], /--epochs.*many.*Expected a whole number of at least 1/],
    ['unknown data set', ['train', '--data', 'imagenet'], /--data.*imagenet.*Allowed choices are digits, mnist, fashion-mnist/],
    ['unknown model', ['train', '--model', 'gpt'], /--model.*gpt.*Allowed choices are convnet/],
    ['no threads', ['train', '--threads', '0'], /--threads.*'0'.*Expected a whole number from 1 to 64/],
    ['more validation than samples', ['train', '--validation', '10000'], /validation: got 10000, expected a whole number from 0 to 9999/],
    ['no model for eval', ['eval'], /missing required argument 'model'/],
  ];
  for (const [name, args, pattern] of cases) {
    test(name, async () => {
      const out = join(folder, 'never.safetensors');
      expectLine(await bitgauss(args[0] === 'train' ? [...args, '--out', out] : args), 2, pattern);
      expect(existsSync(out)).toBe(false);
    });
  }

  test('--help on everything', async () => {
    for (const args of [['--help'], ['train', '--help'], ['eval', '--help'], ['predict', '--help'], ['inspect', '--help']]) {
      const run = await bitgauss(args);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toMatch(/^Usage: bitgauss/);
    }
  });
});

describe('bad input exits with 1 and one line', () => {
  test('a missing data file says what, where and how to get it', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const run = await bitgauss(['train', '--data', 'mnist', '--data-dir', empty, '--out', join(folder, 'never.safetensors')]);
    expectLine(run, 1, new RegExp(`train-images-idx3-ubyte.*${empty}`));
  });

  test('a truncated data file', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(join(broken, 'mnist'), { recursive: true });
    for (const name of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
      const header = name.includes('images') ? [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28] : [0, 0, 8, 1, 0, 0, 0, 9];
      writeFileSync(join(broken, 'mnist', name), Uint8Array.from([...header, 1, 2, 3]));
    }
    const run = await bitgauss(['train', '--data', 'mnist', '--data-dir', broken, '--out', join(folder, 'never.safetensors')]);
    expectLine(run, 1, /train-images-idx3-ubyte.*got.*expected/);
  });

  test('a corrupt model file', async () => {
    const bytes = readFileSync(model);
    for (const [name, broken] of [
      ['truncated', bytes.subarray(0, bytes.length - 5)],
      ['empty', bytes.subarray(0, 0)],
      ['text', Buffer.from('this is not a model file')],
    ] as const) {
      const path = join(folder, `${name}.safetensors`);
      writeFileSync(path, broken);
      for (const args of [
        ['inspect', path],
        ['eval', path],
        ['predict', path, 'x.png'],
      ])
        expectLine(await bitgauss(args), 1, /got|expected/);
    }
  });

  test('a model file that is not there', async () => {
    expectLine(
      await bitgauss(['inspect', join(folder, 'nowhere.safetensors')]),
      1,
      /cannot read .*nowhere.safetensors: no such file or directory/,
    );
  });

  test('pictures of the wrong size, in colour, or none at all', async () => {
    const wrong = writePng('wrong.png', 20, 28, new Uint8Array(560));
    expectLine(await bitgauss(['predict', model, wrong]), 1, /wrong\.png: got 20x28 pixels, expected 28x28/);
    const colour = writePng('colour.png', 28, 28, new Uint8Array(784), 7);
    expectLine(await bitgauss(['predict', model, colour]), 1, /colour\.png: got a colour picture, expected grey/);
    const text = join(folder, 'text.png');
    writeFileSync(text, 'no picture');
    expectLine(await bitgauss(['predict', model, text]), 1, /text\.png: not a readable picture \(it begins as neither PNG nor JPEG does\)/);
    const whole = readFileSync(
      writePng(
        'whole.png',
        28,
        28,
        Uint8Array.from({ length: 784 }, (_, i) => i),
      ),
    );
    const cut = join(folder, 'cut.png');
    writeFileSync(cut, whole.subarray(0, whole.length - 20));
    expectLine(await bitgauss(['predict', model, cut]), 1, /cut\.png: not a readable PNG file \(it is truncated\)/);
    const huge = join(folder, 'huge.png');
    const header = Buffer.from(whole);
    header.writeUInt32BE(65000, 16);
    writeFileSync(huge, header);
    expectLine(await bitgauss(['predict', model, huge]), 1, /huge\.png: got 65000x28 pixels, expected 28x28/);
  });

  test('a run that diverges leaves a good file alone, or the best epoch', async () => {
    const out = join(folder, 'good.safetensors');
    writeFileSync(out, readFileSync(model));
    const run = await bitgauss([
      'train',
      ...short,
      '--validation',
      '0',
      '--epochs',
      '4',
      '--limit-batches',
      '1',
      '--lr',
      '1e39',
      '--out',
      out,
      '--quiet',
    ]);
    expectLine(run, 1, /lower the learning rates?/);
    expect(readFileSync(out)).toEqual(readFileSync(model));
  });

  test('an output that cannot be written stops before training', async () => {
    const start = performance.now();
    expectLine(await bitgauss(['train', '--out', '']), 1, /cannot write .*the name is empty/);
    symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
    expectLine(await bitgauss(['train', '--out', join(folder, 'dangling')]), 1, /cannot write .*it is a link to nothing/);
    expectLine(
      await bitgauss(['train', '--out', join(folder, 'no/such/folder/model.safetensors')]),
      1,
      /cannot write .*no such file or directory/,
    );
    expectLine(await bitgauss(['train', '--out', folder]), 1, /cannot write .*it is a directory/);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

/** A grey picture; `tint` is added to the red channel. */
function writePng(name: string, width: number, height: number, pixels: Uint8Array, tint: number = 0): string {
  const png = new PNG({ width, height });
  pixels.forEach((value, i) => {
    png.data.set([Math.min(255, value + tint), value, value, 255], 4 * i);
  });
  const path = join(folder, name);
  writeFileSync(path, PNG.sync.write(png));
  return path;
}
