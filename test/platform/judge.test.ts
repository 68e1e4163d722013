// What makes a row: differences of a single bit are seen, capabilities that are missing are, and a host that cannot run is a failed row.
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import type { App } from './app.js';
import type { FullReport } from './apps/smoke.js';
import type { Host } from './hosts/host.js';
import { differences, type Expected, featureText, judge } from './judge.js';
import { runHost } from './run-host.js';
import { hostTable } from './table.js';

const expected: Expected = { logits: [[0.5, -1.25]], models: { ste: 'ab', vispa: 'cd' }, kernels: { packSigns: '25:05d3fcd8' } };

const THREADED = { simd: true, relaxedSimd: true, threads: true };
const report: FullReport = {
  smoke: { features: THREADED, logits: [[0.5, -1.25]], models: { ste: { 1: 'ab', 2: 'ab' }, vispa: { 1: 'cd', 2: 'cd' } } },
  kernels: { packSigns: '25:05d3fcd8' },
  speed: { predictionsPerSecond: 1234.4, imagesPerSecond: 2000.6, threaded: { threads: 2, imagesPerSecond: 3900 } },
};
const host: Host = { name: 'some', threads: true, executable: () => process.execPath, run: async () => undefined };

/** The report with one value changed. */
function changed(change: (copy: FullReport) => void): FullReport {
  const copy = structuredClone(report);
  change(copy);
  return copy;
}

describe('differences', () => {
  test('none where everything is as expected', () => {
    expect(differences(report, expected)).toEqual([]);
  });

  test.each<[string, (copy: FullReport) => void, string]>([
    [
      'a last bit of a logit',
      ({ smoke }) => (smoke.logits[0][1] = -1.2500001192092896),
      'logit 1 of image 0: got -1.2500001192092896, expected -1.25',
    ],
    ['an image that is missing', ({ smoke }) => smoke.logits.pop(), 'logit 0 of image 0: got undefined, expected 0.5'],
    ['a model', ({ smoke }) => (smoke.models.ste[1] = 'ac'), 'the model of ste on 1 thread: got SHA-256 ac, expected ab'],
    ['a model of two threads', ({ smoke }) => (smoke.models.vispa[2] = ''), 'the model of vispa on 2 threads: got SHA-256 , expected cd'],
    [
      'a run that is missing',
      ({ smoke }) => delete smoke.models.ste[2],
      'the model of ste on 2 threads: got SHA-256 undefined, expected ab',
    ],
    [
      'a kernel',
      ({ kernels }) => (kernels.packSigns = '25:05d3fcd9'),
      'packSigns of bitgauss/kernels: got 25:05d3fcd9, expected 25:05d3fcd8',
    ],
  ])('%s', (_, change, message) => {
    expect(differences(changed(change), expected)[0]).toBe(message);
  });
});

describe('a row', () => {
  const first = (loadMs: number, predictMs: number): { loadMs: number; predictMs: number } => ({ loadMs, predictMs });

  test('has medians of the processes, and no failures where all is well', () => {
    const row = judge({ ...host, aimMs: 5 }, '1.2', [first(4, 1), first(2, 5), first(3, 9)], report, expected);
    expect(row).toEqual({
      host: 'some',
      version: '1.2',
      features: 'SIMD, relaxed SIMD, threads',
      bytesEqual: true,
      firstMs: 7,
      loadMs: 3,
      predictMs: 5,
      processes: 3,
      aimMs: 5,
      predictionsPerSecond: 1234,
      imagesPerSecond: 2001,
      threads: 2,
      threadedImagesPerSecond: 3900,
      failures: [],
    });
  });

  test('fails, and says so, where bytes differ; many differences are counted', () => {
    const wrong = changed((copy) => {
      Object.assign(copy.smoke, { logits: [[1, 2]], models: {} });
      copy.kernels = {};
    });
    const row = judge(host, '1', [first(1, 1)], wrong, expected);
    expect(row.bytesEqual).toBe(false);
    expect(row.failures).toHaveLength(4);
    expect(row.failures[3]).toBe('and 4 more differences');
  });

  test('fails where a host offers less than it should, or more', () => {
    const unthreaded = changed(({ smoke }) => {
      smoke.features = { simd: true, relaxedSimd: false, threads: false, threadsReason: 'it is a test' };
    });
    expect(judge(host, '1', [first(1, 1)], unthreaded, expected).failures).toEqual([
      'features: got SIMD; no threads: it is a test, expected threads',
    ]);
    expect(judge({ ...host, threads: false }, '1', [first(1, 1)], unthreaded, expected).failures).toEqual([]);
    expect(judge({ ...host, threads: false }, '1', [first(1, 1)], report, expected).failures).toEqual([
      'features: got SIMD, relaxed SIMD, threads, expected no threads',
    ]);
    expect(featureText({ ...THREADED, relaxedSimd: false })).toBe('SIMD, threads');
  });
});

describe('runHost', () => {
  const app = {} as App;
  const answers = { first: { loadMs: 1, predictMs: 2 }, smoke: report };
  const runs: string[] = [];
  const working: Host = {
    ...host,
    run: async (_, entry) => {
      runs.push(entry);
      return answers[entry];
    },
  };

  test('times the first prediction in as many processes as asked for', async () => {
    const row = await runHost(working, app, expected, 2);
    expect(row).toMatchObject({ version: process.version.slice(1), processes: 2, failures: [] });
    expect(runs).toEqual(['first', 'first', 'smoke']);
  });

  test.each<[string, Partial<Host>, RegExp]>([
    [
      'a missing program',
      {
        executable: () => {
          throw new Error('node-9: no such file');
        },
      },
      /^node-9: no such file$/,
    ],
    ['a program of another version', { pinned: '9.9.9' }, /^got version \d+\.\d+\.\d+, expected 9\.9\.9; npm run hosts:install/],
    ['a run that fails', { run: async () => Promise.reject(new Error('trapped')) }, /^trapped$/],
  ])('%s is a failed row', async (_, change, message) => {
    const row = await runHost({ ...working, ...change }, app, expected, 1);
    expect(row).toMatchObject({ host: 'some', bytesEqual: false, failures: [expect.stringMatching(message)] });
    expect(hostTable([row])).toMatch(/^host .*\nsome .* no\n\nFAILED some: /);
  });
});

test('the table has a column each, and counts with commas', () => {
  const row = judge({ ...host, aimMs: 5 }, '1.2', [{ loadMs: 3, predictMs: 1.25 }], report, expected);
  expect(hostTable([row]).split('\n')).toEqual([
    'host  version  features                     bytes equal  load + first, ms  predictions/s  training images/s  with threads',
    'some  1.2      SIMD, relaxed SIMD, threads  yes          4.3 (aim 5)       1,234          2,001              3,900 (2)',
  ]);
});
