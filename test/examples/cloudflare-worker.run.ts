// The Worker as esbuild bundles it, in workerd: what it answers, what a fine-tuned head knows, and what a request costs.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digits, strokeImage } from '../../src/data.js';
import { loadModel, type Model, readSafetensors } from '../../src/index.js';
import { packSigns } from '../../src/kernels.js';
import { TestRandom } from '../helpers/random.js';
import { cpuTime } from './cpu-time.js';
import { type Example as Installed, installExample, modelBytes } from './example.js';
import { program } from './hosts.js';
import { DIGITS, hugePngFile, pngFile, transparentPngFile } from './images.js';
import { buildPng } from './png.js';

type Bytes = Uint8Array<ArrayBuffer>;

let example: Installed;
let model: Model;
let workerd: ChildProcess;
let url: string;

beforeAll(async () => {
  model = await loadModel(modelBytes);
  example = installExample('cloudflare-worker');
  example.run('npm', 'run', 'build');
  workerd = spawn(program('workerd'), ['serve', 'worker.capnp', '--socket-addr=http=127.0.0.1:0', '--control-fd=3'], {
    cwd: example.folder,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  url = `http://127.0.0.1:${await port(workerd.stdio[3] as Readable)}`;
});
afterAll(() => {
  workerd.kill();
  example.remove();
});

async function port(control: Readable): Promise<number> {
  let text = '';
  for await (const data of control) {
    text += data;
    const [, found] = /"port":(\d+)/.exec(text) ?? [];
    if (found !== undefined) return Number(found);
  }
  throw new Error(`workerd does not listen: ${text}`);
}

interface Answer {
  status: number;
  answer: unknown;
}
interface Classified {
  label: string;
  probabilities: Record<string, number>;
}

async function classify(body: Bytes | string | FormData, type?: string): Promise<Answer> {
  const response = await fetch(`${url}/classify`, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } });
  return { status: response.status, answer: await response.json() };
}

const blob = (bytes: Uint8Array, type?: string): Blob => new Blob([Uint8Array.from(bytes)], { type: type ?? 'application/octet-stream' });

function form(fields: readonly (readonly [string, Blob | string])[]): FormData {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
}

interface Example {
  label: string;
  pixels: Uint8Array;
}

async function head(examples: readonly Example[], file: (pixels: Uint8Array) => Blob = (pixels) => blob(pixels)): Promise<Bytes> {
  const body = form(examples.map(({ label, pixels }) => [label, file(pixels)]));
  const response = await fetch(`${url}/fine-tune`, { method: 'POST', body });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

async function classifyWith(bytes: Bytes, pixels: Uint8Array): Promise<Classified> {
  const { status, answer } = await classify(
    form([
      ['image', blob(pngFile(pixels), 'image/png')],
      ['head', blob(bytes)],
    ]),
  );
  expect(status).toBe(200);
  return answer as Classified;
}

/** Figures that no digit looks like, each drawn a little differently. */
const FIGURES: Record<string, number[][]> = {
  triangle: [[20, 0, 38, 36, 2, 36, 20, 0]],
  square: [[4, 4, 36, 4, 36, 36, 4, 36, 4, 4]],
  cross: [
    [2, 2, 38, 38],
    [38, 2, 2, 38],
  ],
  'Größe A': [
    [4, 40, 20, 0, 36, 40],
    [11, 24, 29, 24],
  ],
};
const numbers = new TestRandom(5);
const figures = (count: number): Example[] =>
  Object.entries(FIGURES).flatMap(([label, strokes]) =>
    Array.from({ length: count }, () => ({
      label,
      pixels: strokeImage(strokes.map((points) => points.map((x) => x + 5 * (numbers.uniform() - 0.5)))),
    })),
  );

function readDigits(count: number): Example[] {
  const [images, labels] = [new Uint8Array(count * 784), new Int32Array(count)];
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  digits({ train: 1, test: count }).test.read(indices, { images, labels });
  return [...labels].map((label, i) => ({ label: String(label), pixels: images.subarray(784 * i, 784 * i + 784) }));
}

const expected = (pixels: Uint8Array): Answer => {
  const { name, probabilities } = model.predict(pixels);
  return { status: 200, answer: { label: name, probabilities: Object.fromEntries([...probabilities].map((p, i) => [String(i), p])) } };
};
const bad = (status: number, error: RegExp): Answer => ({ status, answer: { error: expect.stringMatching(error) } });

describe('examples/cloudflare-worker', () => {
  test('is a bundle of less than 3 MB', () => {
    const dist = join(example.folder, 'dist');
    const sizes = readdirSync(dist).map((name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`cloudflare-worker: ${total} bytes gzipped`);
    expect(sizes).toHaveLength(4);
    expect(total).toBeLessThan(3e6);
    expect(total).toBeLessThan(60_000);
  });

  // First, while the isolate is new.
  test('says what a request costs', async () => {
    const pid = workerd.pid!;
    const twelve = figures(3);
    const png = pngFile(DIGITS['7']);
    const cost = async (name: string, runs: number, request: () => Promise<unknown>): Promise<string> => {
      const before = cpuTime(pid);
      for (let i = 0; i < runs; i++) await request();
      const after = cpuTime(pid);
      if (before === undefined || after === undefined) return `${name}: not known on this system`;
      const [isolate, others] = [after.main - before.main, after.others - before.others].map((ms) => (ms / runs).toFixed(2));
      return `${name}: ${isolate} ms, and ${others} ms of compilers in the background`;
    };
    let bytes: Bytes = new Uint8Array();
    const tune = async (): Promise<void> => {
      bytes = await head(twelve);
    };
    const pngBlob = (pixels: Uint8Array): Blob => blob(pngFile(pixels), 'image/png');
    const lines = [
      await cost('first classification', 1, () => classify(png, 'image/png')),
      await cost('first fine-tuning on 12 images', 1, tune),
      await cost('PNG', 200, () => classify(png, 'image/png')),
      await cost('raw pixels', 200, () => classify(Uint8Array.from(DIGITS['7']), 'application/octet-stream')),
      await cost('fine-tuning on 12 images', 100, tune),
      await cost('fine-tuning on 12 PNG files', 100, () => head(twelve, pngBlob)),
      await cost('PNG, by a fine-tuned head', 100, () => classifyWith(bytes, DIGITS['7'])),
    ];
    console.log(`CPU time of workerd, HTTP included\n  ${lines.join('\n  ')}`);
    expect(bytes.length).toBeGreaterThan(0);
  });

  test('classifies PNG files and raw pixels', async () => {
    for (const [digit, pixels] of Object.entries(DIGITS)) {
      expect(model.predict(pixels).name).toBe(digit);
      expect(await classify(Uint8Array.from(pixels), 'application/octet-stream')).toEqual(expected(pixels));
      expect(await classify(pngFile(pixels), 'image/png')).toEqual(expected(pixels));
      expect(await classify(transparentPngFile(pixels), 'image/png')).toEqual(expected(pixels));
      const rows = Array.from({ length: 28 }, (_, y) => [...pixels.subarray(28 * y, 28 * y + 28)].map((value) => value >> 7));
      const indexed = { width: 28, height: 28, depth: 8, colour: 3, rows, chunks: { PLTE: [0, 0, 0, 255, 0, 255] } } as const;
      const luma = pixels.map((value) => (value >> 7) * Math.round(0.413 * 255));
      expect(await classify(buildPng(indexed), 'image/png')).toEqual(expected(luma));
    }
  });

  test('fine-tunes: it knows figures from three examples of each, and most of what it knew', async () => {
    const bytes = await head(figures(3));
    const unseen = figures(10);
    let known = 0;
    for (const { label, pixels } of unseen) if ((await classifyWith(bytes, pixels)).label === label) known++;
    const samples = readDigits(200);
    const before = samples.filter(({ label, pixels }) => model.predict(pixels).name === label).length;
    let after = 0;
    for (const { label, pixels } of samples) if ((await classifyWith(bytes, pixels)).label === label) after++;
    console.log(`${known} of ${unseen.length} unseen figures; ${after} of ${samples.length} of the built-in digits, ${before} before`);
    expect(known).toBeGreaterThanOrEqual(36);
    expect(after).toBeGreaterThanOrEqual(0.9 * before);
  });

  test('the head begins as the model: its weights are the sum of the gradient steps of the definition', async () => {
    const examples = figures(1).slice(0, 2);
    const { metadata, tensors } = readSafetensors(await head(examples));
    const labels: string[] = JSON.parse(metadata.get('labels')!);
    expect(labels).toEqual([...model.labels, 'triangle', 'square']);
    const embeddings = examples.map(({ pixels }) => [...model.embed(pixels).embedding]);
    expect(embeddings.flat().every((e) => Math.abs(e) === 1)).toBe(true);
    const D = embeddings[0].length;
    const weight = labels.map(() => new Array<number>(D).fill(0));
    for (let pass = 0; pass < 3; pass++)
      examples.forEach(({ label, pixels }, i) => {
        const own = [...model.predict(pixels).logits, 0, 0];
        const logits = weight.map((row, c) => own[c] + row.reduce((sum, w, d) => sum + w * embeddings[i][d], 0));
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
        weight.forEach((row, c) => {
          const step = ((labels[c] === label ? 1 : 0) - Math.exp(logits[c]) / total) / D;
          for (let d = 0; d < D; d++) row[d] += step * embeddings[i][d];
        });
      });
    const [shares, codes] = ['shares', 'codes'].map((name) => tensors.get(name)!);
    const bits = packSigns(Float32Array.from(embeddings.flat()), D);
    expect([shares.shape, codes.shape, codes.data]).toEqual([[2, 12], [2, D / 8], bits]);
    weight.forEach((row, c) => {
      row.forEach((w, d) => {
        const sum = (Number(shares.data[c]) * embeddings[0][d] + Number(shares.data[12 + c]) * embeddings[1][d]) / D;
        expect(Math.abs(sum - w)).toBeLessThan(1e-7);
      });
    });
  });

  test('says what is wrong with a request', async () => {
    const seven = DIGITS['7'];
    const raw = 'application/octet-stream';
    expect(await classify('hello', 'image/png')).toEqual(bad(400, /^image: got 5 bytes, expected a PNG file$/));
    expect(await classify(pngFile(seven).slice(0, 150), 'image/png')).toEqual(bad(400, /^image: got no readable PNG file: /));
    expect(await classify(pngFile(seven, 2), 'image/png')).toEqual(bad(400, /^image: got 56 x 56 pixels, expected a PNG file of 28 x 28$/));
    expect(await classify(hugePngFile(65535), 'image/png')).toEqual(bad(400, /^image: got 65535 x 65535 pixels/));
    expect(await classify(seven.slice(1), raw)).toEqual(bad(400, /^pixels: got 783 bytes, expected 28 x 28 = 784/));
    expect(await classify('hello', 'text/plain')).toEqual(bad(415, /^content-type: got text\/plain, expected image\/png/));
    expect(await classify(new Uint8Array(65537), raw)).toEqual(bad(413, /^body: got 65537 bytes, expected at most 65536$/));
    const deep = buildPng({ width: 28, height: 28, depth: 16, colour: 0, rows: Array.from({ length: 28 }, () => new Array(56).fill(1)) });
    expect(await classify(deep, 'image/png')).toEqual(bad(415, /^image: got 16 bits a sample/));
    expect(await classify('--x', 'multipart/form-data; boundary=x')).toEqual(bad(400, /^body: got no form/));
    expect(await classify(form([['image', blob(seven)]]))).toEqual(bad(400, /^form: expected two files, image and head$/));
    const stream = new Blob([Uint8Array.from(seven)]).stream();
    const options = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': raw } };
    const chunked = await fetch(`${url}/classify`, options as RequestInit);
    expect([chunked.status, await chunked.json()]).toEqual([411, { error: 'content-length: got none, expected the length of the body' }]);
    const missing = await fetch(url);
    expect([missing.status, await missing.json()]).toEqual([404, { error: 'got GET /, expected POST /classify or POST /fine-tune' }]);

    const wrong = async (data: FormData): Promise<unknown> => (await fetch(`${url}/fine-tune`, { method: 'POST', body: data })).json();
    expect(await wrong(form(Array.from({ length: 21 }, () => ['7', blob(seven)] as const)))).toEqual({
      error: 'form: got 21 images, expected 1 to 20',
    });
    expect(await wrong(form([['7', 'seven']]))).toEqual({ error: 'form: 7: got a text, expected a file' });

    const good = await head([{ label: '7', pixels: seven }]);
    const withHead = (bytes: Bytes): Promise<Answer> =>
      classify(
        form([
          ['image', blob(seven)],
          ['head', blob(bytes)],
        ]),
      );
    expect((await withHead(good)).status).toBe(200);
    expect(await withHead(good.slice(0, -4))).toEqual(bad(400, /^tensor "codes"/));
    const replaced = (from: string, to: string): Bytes =>
      new Uint8Array(Buffer.from(Buffer.from(good).toString('latin1').replace(from, to), 'latin1'));
    expect(await withHead(replaced('\\"3\\"', '\\"x\\"'))).toEqual(bad(400, /^head: labels: expected to begin with 0, 1, 2/));
    expect(await withHead(replaced('labels', 'babels'))).toEqual(bad(400, /^head: labels: expected a list of names$/));
    const tensors = /^head: expected tensors codes, U8, and shares, F32 and finite$/;
    expect(await withHead(new Uint8Array(modelBytes))).toEqual(bad(400, tensors));
    expect(await withHead(replaced('F32', 'I32'))).toEqual(bad(400, tensors));
    const bytes = Math.ceil(model.embed(seven).embedding.length / 8);
    const infinite = good.slice();
    new DataView(infinite.buffer).setFloat32(infinite.length - bytes - 4, Number.POSITIVE_INFINITY, true);
    expect(await withHead(infinite)).toEqual(bad(400, tensors));
    expect(await withHead(replaced(`[1,${bytes}]`, `[${bytes},1]`))).toEqual({
      status: 400,
      answer: { error: `head: shapes: got [[1,10],[${bytes},1]], expected [[1,10],[1,${bytes}]]` },
    });
  });
});
