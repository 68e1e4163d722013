// What `npm run bench -- compare` says of a peer: its time when its results are right, its own error else. Peers here are small programs; the other
// runtimes are not installed for tests.
import { describe, expect, test } from 'vitest';

interface Row {
  name: string;
  ms?: number;
  error?: string;
  turns?: number;
  once?: boolean;
  loss?: { first: number; last: number; steps: number };
}
interface Task {
  kind: string;
  [size: string]: unknown;
}
interface Conductor {
  conduct(task: Task, peers: object, settings: object): Promise<Row[]>;
}
interface Participants {
  Participant: { node(name: string, limitMs: number): object; lines(command: string, args: string[], limitMs: number): object };
}

const load = (name: string): Promise<unknown> => import(new URL(`../../bench/compare/${name}.mjs`, import.meta.url).href);
const { conduct } = (await load('conduct')) as Conductor;
const { Participant } = (await load('participant')) as Participants;

/** Two rows of x times three of w, in f32; both are ±1 from a seed, so the peer makes them as the real ones do. */
const GEMM: Task = { kind: 'gemm', M: 2, N: 3, K: 5 };
const SETTINGS = { rounds: 2, budgetMs: 10, onceMs: 60_000 };

/** A program that answers calls with the values of `answers`, JavaScript expressions, as lines of JSON. */
function program(answers: Record<string, string>, limitMs = 60_000): () => object {
  const code = `
    const { signs } = await import(${JSON.stringify(new URL('../../bench/compare/data.mjs', import.meta.url).href)});
    const { createInterface } = await import('node:readline');
    const say = (message) => console.log(JSON.stringify(message));
    let calls = 0;
    const answers = { ${Object.entries(answers).map(([call, value]) => `${call}: () => (${value})`)} };
    say({ value: 'ready' });
    for await (const line of createInterface({ input: process.stdin })) {
      const { call } = JSON.parse(line);
      if (call === 'run') calls++;
      try { say({ value: await answers[call]() }); } catch (error) { say({ error: error.message }); }
    }`;
  return () => Participant.lines(process.execPath, ['--input-type=module', '-e', code], limitMs);
}

const right = `[0, 1].flatMap((m) => [0, 1, 2].map((n) => {
  const x = signs(10, 1), w = signs(15, 2);
  let sum = 0;
  for (let k = 0; k < 5; k++) sum += x[5 * m + k] * w[5 * n + k];
  return sum;
}))`;
const prepare = `[{ name: 'peer', what: 'a product', check: 'sums' }]`;
const runs = '{ ms: 200, cpuMs: 100 }';

const only = async (task: Task, answers: Record<string, string>, limitMs?: number): Promise<Row> => {
  const rows = await conduct(task, { peer: program(answers, limitMs) }, SETTINGS);
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe('a peer', () => {
  test('with the right result is timed', async () => {
    const row = await only(GEMM, { prepare, run: runs, output: right });
    expect(row).toMatchObject({
      name: 'peer',
      what: 'a product',
      ms: 200,
      bestMs: 200,
      cpuMs: 100,
      coreMs: 100,
      turns: 1,
      callsPerTurn: 1,
    });
  });

  test('with several threads is timed by the clock, else by what the processor spent on it if that is less', async () => {
    const two = prepare.replace('name:', 'threads: 2, name:');
    expect(await only(GEMM, { prepare: two, run: runs, output: right })).toMatchObject({ threads: 2, cpuMs: 100, coreMs: 200 });
    expect(await only(GEMM, { prepare, run: '{ ms: 200, cpuMs: 300 }', output: right })).toMatchObject({ cpuMs: 300, coreMs: 200 });
  });

  test('with one wrong number has no time', async () => {
    const row = await only(GEMM, { prepare, run: runs, output: `${right}.map((value, i) => (i === 4 ? value + 2 : value))` });
    expect(row.error).toMatch(/^wrong result: number 4 is /);
    expect(row.ms).toBeUndefined();
  });

  test('that cannot do it says so in its own words', async () => {
    expect(await only(GEMM, { prepare: `(() => { throw new Error('no such kernel') })()` })).toEqual({
      name: 'peer',
      error: 'no such kernel',
    });
    const failing = { prepare, run: `(() => { throw new Error('out of memory') })()` };
    expect((await only(GEMM, failing)).error).toBe('out of memory');
  });

  test('that takes too long, or ends, is reported and not waited for', async () => {
    expect((await only(GEMM, { prepare, run: 'new Promise(() => setTimeout(() => {}, 100000))' }, 3000)).error).toBe(
      'no answer within 3 s',
    );
    expect((await only(GEMM, { prepare: 'process.exit(3)' })).error).toBe('the process ended with 3');
  });

  test('that trains must bring its loss down', async () => {
    const mlp = { kind: 'mlp' };
    const training = { prepare: `[{ name: 'peer', what: 'a net' }]`, run: runs };
    const row = await only(mlp, { ...training, loss: '2 / calls' });
    expect(row).toMatchObject({ ms: 200, loss: { first: 2 } });
    expect((await only(mlp, { ...training, loss: 'calls' })).error).toMatch(/^does not train: the loss went from 1 to /);
  });
});

/** Small sizes of every kind of task, one call each. */
test.each<Task>([
  { kind: 'convolution', size: 7, cin: 64, cout: 128 },
  { kind: 'gemm', M: 128, N: 192, K: 320 },
  { kind: 'mlp', hidden: [64, 32], batch: 64, imageSize: 784 },
  { kind: 'cnn', batch: 64, imageSize: 784 },
  { kind: 'vgg', batch: 64, imageSize: 3072 },
])('bitgauss does $kind right', async (task) => {
  const rows = await conduct(task, { bitgauss: () => Participant.node('bitgauss', 120_000) }, { ...SETTINGS, onceMs: 0 });
  for (const row of rows) {
    expect(row.error).toBeUndefined();
    expect(row.once).toBe(true);
  }
  expect(rows.map(({ name }) => name)).toContain('bitgauss');
});
