import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { curvesSvg } from '../../src/cli/compare/curves.js';
import type { RunRecord } from '../../src/cli/compare/run.js';
import { parseSpecs, runName } from '../../src/cli/compare/spec.js';
import { markdown, spread, tableOf } from '../../src/cli/compare/table.js';
import { methodNames } from '../../src/train.js';
import { bitgauss, jsonLines, temporaryFolder } from '../helpers/cli.js';

describe('rows', () => {
  test('are methods with options of train', () => {
    expect(parseSpecs(['ste', 'vispa:rank=4,noise-anneal=0.2', 'binary-connect:stochastic'])).toEqual([
      { text: 'ste', method: 'ste', args: ['--method', 'ste'] },
      { text: 'vispa:rank=4,noise-anneal=0.2', method: 'vispa', args: ['--method', 'vispa', '--rank', '4', '--noise-anneal', '0.2'] },
      { text: 'binary-connect:stochastic', method: 'binary-connect', args: ['--method', 'binary-connect', '--stochastic'] },
    ]);
    const [listed] = parseSpecs(['ste:milestones=0.5,0.75,decay=0.5']);
    expect(listed.args.slice(2)).toEqual(['--milestones', '0.5,0.75', '--decay', '0.5']);
    expect(parseSpecs(['all']).map(({ method }) => method)).toEqual(methodNames());
    expect(runName(parseSpecs(['vispa:rank=4'])[0], 7)).toBe('vispa-rank=4-seed7');
  });

  test.each([
    ['sgd', /--methods: got "sgd", expected a method, .*; methods are ste, /],
    ['ste:=4', /--methods: got "ste:=4", expected a method/],
    ['ste,vispa', /--methods: got "ste,vispa", expected a method/],
  ])('%s is refused', (text, message) => {
    expect(() => parseSpecs([text])).toThrow(message);
  });

  test('come once', () => {
    expect(() => parseSpecs(['all', 'bop'])).toThrow('--methods: got "bop", expected each one once');
  });
});

const record = (spec: string, seed: number, accuracy: number, curve: readonly (number | undefined)[]): RunRecord => ({
  ...{ bitgauss: '0.1.0', spec, method: spec, seed, args: [], keptEpoch: 0, secondsPerEpoch: 10 + seed, peakMemory: 2 ** 20 * (1 + seed) },
  machine: { cpu: 'a cpu', cores: 2, runtime: 'Node 24.0.0', jobs: 1, threads: 2 },
  epochs: curve.map((validationAccuracy, epoch) => ({
    ...{ epoch, epochs: curve.length, loss: 1, accuracy: 0.5, best: true, layers: [], imagesPerSecond: 100, seconds: 1 },
    validationAccuracy,
  })),
  mode: { accuracy, loss: 0.5, calibrationError: 0.01 },
  ensemble: spec === 'vispa' ? { accuracy: accuracy + 0.01, loss: 0.4, calibrationError: 0.02 } : null,
});

describe('the table', () => {
  test('has mean and standard deviation of the sample', () => {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, 32 / 7.
    expect(spread([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, sd: Math.sqrt(32 / 7) });
    expect(spread([3])).toEqual({ mean: 3, sd: null });
  });

  const records = [
    record('ste', 0, 0.9, [0.5, undefined, 0.75]),
    record('vispa', 0, 0.91, [0.6, undefined, 0.8]),
    record('ste', 1, 0.92, [0.75, undefined, 0.875]),
  ];
  const rows = tableOf(records, 'vgg-small', 'cifar10');

  test('has a row per spec, curves as means of the evaluated epochs, published figures of the same network and data alone', () => {
    expect(rows.map(({ spec, seeds }) => [spec, seeds])).toEqual([
      ['ste', [0, 1]],
      ['vispa', [0]],
    ]);
    expect(rows[0].curve).toEqual([
      [1, 0.625],
      [3, 0.8125],
    ]);
    expect(rows[0].mode?.accuracy.mean).toBeCloseTo(0.91, 12);
    expect(rows[0].ensemble).toBeNull();
    expect(rows[1].published).toContain('92.7');
    expect(rows[0].published).toBeNull();
    expect(tableOf(records, 'convnet', 'cifar10').every(({ published }) => published === null)).toBe(true);
  });

  test('as Markdown says what was measured, on what, and how to make it again', () => {
    const text = markdown(rows, 'bitgauss compare --methods ste vispa --seeds 0 1', records);
    const [head, , ste, vispa] = text.split('\n');
    expect(head.split('|').map((cell) => cell.trim())).toContain('published %');
    expect(ste).toContain('| `ste` | 2 | 91.00 ± 1.41 |');
    expect(vispa).toContain('| `vispa` | 1 | 91.00 | 92.00 | 0.500 | 0.400 | 1.00 | 2.00 | 10.0 | 1.0 MiB |');
    expect(text).toContain('Times on Node 24.0.0, a cpu, 2 threads a run.');
    expect(text).toContain('nothing of them was measured here');
    expect(text.trimEnd().endsWith('bitgauss compare --methods ste vispa --seeds 0 1')).toBe(true);
    // Columns that nobody fills are left out.
    expect(markdown(tableOf([records[0]], 'mlp', 'digits'), '', records)).not.toMatch(/ensemble|published/);
  });

  test('has curves that rise with the accuracy and stay within the picture', () => {
    const svg = curvesSvg(rows);
    const paths = [...svg.matchAll(/<path d="M([\d. L]+)" fill="none"/g)].map(([, path]) =>
      path.split('L').map((at) => at.split(' ').map(Number)),
    );
    expect(paths).toHaveLength(2);
    for (const [[x0, y0], [x1, y1]] of paths) {
      expect(x0).toBe(56);
      expect(x1).toBe(620);
      expect(y1).toBeLessThan(y0);
      expect(y1).toBeGreaterThanOrEqual(28);
      expect(y0).toBeLessThanOrEqual(430);
    }
    expect(svg).toContain('>ste</text>');
  });
});

describe('bitgauss compare', () => {
  const folder = temporaryFolder();
  const common = ['--epochs', '2', '--limit-batches', '6', '--batch', '64', '--samples', '2', '--model', 'mlp'];
  const compare = (...more: string[]): ReturnType<typeof bitgauss> => bitgauss(['compare', ...more, '--dir', join(folder, 'runs')]);
  const read = (name: string): string => readFileSync(join(folder, 'runs', name), 'utf8');

  test('trains as train does, records every run, and does not run again what is done', async () => {
    const first = await compare('--methods', 'vispa:rank=1', ...common, '--seeds', '3');
    expect(first.code).toBe(0);
    const run = JSON.parse(read('vispa-rank=1-seed3.json')) as RunRecord;
    const alone = await bitgauss(['train', ...common, '--rank', '1', '--seed', '3', '--json', '--out', join(folder, 'alone.safetensors')]);
    const lines = jsonLines(alone.stdout) as Record<string, number>[];
    const done = lines.at(-1) as Record<string, number>;
    expect(run.mode).toEqual({ accuracy: done.testAccuracy, loss: done.testLoss, calibrationError: done.testCalibrationError });
    expect(run.ensemble?.accuracy).toBe(done.ensembleAccuracy);
    expect(run.ensemble?.loss).toBe(done.ensembleLoss);
    const losses = lines.filter(({ event }) => String(event) === 'epoch').map(({ loss }) => loss);
    expect(run.epochs.map(({ loss }) => loss)).toEqual(losses);
    expect(run.peakMemory).toBeGreaterThan(2 ** 24);
    expect(readFileSync(join(folder, 'runs/vispa-rank=1-seed3.safetensors'))).toEqual(readFileSync(join(folder, 'alone.safetensors')));
    expect(existsSync(join(folder, 'runs/vispa-rank=1-seed3'))).toBe(false);

    const more = await compare('--methods', 'vispa:rank=1', 'ste:lr=1e38', 'ste', ...common, '--seeds', '3', '4', '--jobs', '2');
    expect(more.code).toBe(1);
    expect(more.stderr).toContain('1 of 6 runs were done before');
    expect(more.stderr).toMatch(/ste-lr=1e38-seed3 failed: .*learning rates/);
    expect(more.stderr).toContain('2 of 6 runs failed; the table has the others');
    expect(more.stdout).toBe(read('table.md'));
    expect(JSON.parse(read('table.json')).map(({ spec, seeds }: { spec: string; seeds: number[] }) => [spec, seeds])).toEqual([
      ['vispa:rank=1', [3, 4]],
      ['ste', [3, 4]],
    ]);
    expect(JSON.parse(read('vispa-rank=1-seed3.json'))).toEqual(run);
    expect(read('curves.svg')).toContain('</svg>');
  }, 120_000);

  test('ends without curves where nothing is validated, and gives every run the threads that are asked for', async () => {
    const place = join(folder, 'unvalidated');
    const run = await bitgauss(['compare', '--methods', 'ste', ...common, '--validation=0', '--threads=1', '--dir', place]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('mean ± standard deviation over seeds; the last epoch. ');
    expect(existsSync(join(place, 'curves.svg'))).toBe(false);
    expect((JSON.parse(readFileSync(join(place, 'ste-seed0.json'), 'utf8')) as RunRecord).machine.threads).toBe(1);
  }, 60_000);

  test('refuses, before any run, what a run would refuse, and a place with runs of other options', async () => {
    const other = await compare('--methods', 'vispa:rank=1', ...common, '--epochs', '3', '--seeds', '3');
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toMatch(/--dir: got ".*", expected another place: .*vispa-rank=1-seed3.json is of a run with --epochs 2/);
    const cases: [string[], RegExp][] = [
      [['--methods', 'ste:rnk=4'], /unknown option '--rnk'/],
      [['--methods', 'ste:samples=-1'], /samples/],
      [['--methods', 'recu:tau-min=0.995'], /^bitgauss: recu:tau-min=0.995: --tau-max: /m],
      [['--methods', 'ste', '--out', 'x'], /--out: compare sets it itself/],
      [['--methods', 'ste:seed=1'], /--seed: compare sets it itself/],
      [['--methods', 'ste', 'extra', '--epochs', '0'], /--methods: got "extra"|epochs/],
      [['--epochs', '1'], /required option '--methods/],
    ];
    for (const [args, message] of cases) {
      const run = await compare(...args);
      expect(run.stderr, args.join(' ')).toMatch(message);
      expect(run, args.join(' ')).toMatchObject({ code: 2, stdout: '' });
    }
    writeFileSync(join(folder, 'runs/ste-seed3.json'), '{');
    expect(await compare('--methods', 'ste', ...common, '--seeds', '3')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ste-seed3.json: it is not the record of a run; remove it/),
    });
  }, 60_000);
});
