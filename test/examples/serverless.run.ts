import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadModel, type Model } from '../../src/index.js';
import { type Example, installExample, modelBytes, startServer } from './example.js';
import { program } from './hosts.js';
import { DIGITS, hugePngFile, jpegFile, pngFile, transparentPngFile } from './images.js';
import { buildPng, packSamples } from './png.js';

let example: Example;
let model: Model;

beforeAll(async () => {
  example = installExample('serverless');
  model = await loadModel(modelBytes);
});
afterAll(() => example.remove());

interface Call {
  body: Uint8Array<ArrayBuffer> | string;
  type?: string;
  query?: string;
}
interface Answer {
  status: number;
  answer: unknown;
}

const SEVEN = DIGITS['7'];
const rows = (map: (value: number) => number[]): number[][] =>
  Array.from({ length: 28 }, (_, y) => [...SEVEN.subarray(28 * y, 28 * y + 28)].flatMap(map));
const twoBits = rows((value) => [value >> 6]);
const key = [0, 0, 0, 255, 0, 0]; // red, in 16 bits a channel

/** The same image in kinds of PNG, and as the pixels that the model should see. */
const KINDS: Record<string, { file: Uint8Array<ArrayBuffer>; pixels: number[] }> = {
  grey: { file: buildPng({ width: 28, height: 28, depth: 8, colour: 0, rows: rows((v) => [v]) }), pixels: [...SEVEN] },
  'grey of 16 bits': { file: buildPng({ width: 28, height: 28, depth: 16, colour: 0, rows: rows((v) => [v, v]) }), pixels: [...SEVEN] },
  'grey of 2 bits': {
    file: buildPng({ width: 28, height: 28, depth: 2, colour: 0, rows: twoBits.map((row) => packSamples(row, 2)) }),
    pixels: twoBits.flat().map((sample) => 85 * sample),
  },
  'grey of 2 bits, 3 of 4 transparent': {
    file: buildPng({
      width: 28,
      height: 28,
      depth: 2,
      colour: 0,
      rows: twoBits.map((row) => packSamples(row, 2)),
      chunks: { tRNS: [0, 3] },
    }),
    pixels: twoBits.flat().map((sample) => (sample === 3 ? 0 : 85 * sample)),
  },
  'grey and alpha': {
    file: buildPng({ width: 28, height: 28, depth: 8, colour: 4, rows: rows((v) => [255, v]) }),
    pixels: [...SEVEN],
  },
  colours: {
    file: buildPng({ width: 28, height: 28, depth: 8, colour: 2, rows: rows((v) => [v, 0, 255 - v]) }),
    pixels: [...SEVEN].map((v) => Math.round(0.299 * v + 0.114 * (255 - v))),
  },
  'a transparent colour': {
    file: buildPng({
      width: 28,
      height: 28,
      depth: 8,
      colour: 2,
      rows: rows((v) => (v < 99 ? [0, 255, 0] : [v, v, v])),
      chunks: { tRNS: key },
    }),
    pixels: [...SEVEN].map((v) => (v < 99 ? 0 : v)),
  },
  'a palette with alpha': {
    file: buildPng({
      width: 28,
      height: 28,
      depth: 2,
      colour: 3,
      rows: twoBits.map((row) => packSamples(row, 2)),
      chunks: { PLTE: [255, 255, 255, 80, 80, 80, 160, 160, 160, 240, 240, 240], tRNS: [0] },
    }),
    pixels: twoBits.flat().map((sample) => 80 * sample),
  },
};

function expected(pixels: ArrayLike<number>): Answer {
  const { name, probabilities } = model.predict(Uint8Array.from(pixels));
  return { status: 200, answer: { label: name, probabilities: Object.fromEntries([...probabilities].map((p, i) => [String(i), p])) } };
}

const bad = (status: number, error: RegExp): Answer => ({ status, answer: { error: expect.stringMatching(error) } });

/** What every entry must answer. */
async function check(post: (call: Call) => Promise<Answer>): Promise<void> {
  for (const [digit, pixels] of Object.entries(DIGITS)) {
    expect(model.predict(pixels).name).toBe(digit);
    expect(await post({ body: pngFile(pixels) })).toEqual(expected(pixels));
    expect(await post({ body: transparentPngFile(pixels) })).toEqual(expected(pixels));
    expect(await post({ body: pngFile(pixels, 1, true), query: '?invert' })).toEqual(expected(pixels));
    expect(await post({ body: pngFile(pixels, 7) })).toMatchObject({ status: 200, answer: { label: digit } });
    expect(await post({ body: jpegFile(pixels, 3), type: 'image/jpeg' })).toMatchObject({ status: 200, answer: { label: digit } });
  }
  for (const { file, pixels } of Object.values(KINDS)) expect(await post({ body: file })).toEqual(expected(pixels));
  expect(await post({ body: 'hello' })).toEqual(bad(400, /^body: got no readable image \(.+\), expected one of image\/png$/));
  expect(await post({ body: 'hello', type: 'image/jpeg' })).toEqual(
    bad(400, /^body: got no readable image \(.+\), expected one of image\/jpeg$/),
  );
  expect(await post({ body: '' })).toEqual(bad(400, /^body: got nothing/));
  expect(await post({ body: pngFile(SEVEN).slice(0, 150) })).toEqual(bad(400, /^body: got no readable image/));
  expect(await post({ body: new Uint8Array(2 ** 20 + 1) })).toEqual(bad(413, /^body: got more than 1048576 bytes/));
  expect(await post({ body: hugePngFile(2049) })).toEqual(bad(413, /^image: got more than 4194304 pixels/));
  expect(await post({ body: 'hello', type: 'text/plain' })).toEqual(
    bad(415, /^content-type: got text\/plain, expected image\/png or image\/jpeg$/),
  );
}

/** Answers of lambda.js, from a process that gets events. */
function lambda(): (call: Call) => Promise<Answer> {
  const driver = join(example.folder, 'driver.js');
  writeFileSync(
    driver,
    "import { handler } from './lambda.js'; process.on('message', async (event) => process.send(await handler(event)));",
  );
  const child = fork(driver);
  onTestFinished(() => {
    child.kill();
  });
  return async ({ body, type = 'image/png', query = '' }) => {
    const isBase64Encoded = typeof body !== 'string';
    child.send({
      version: '2.0',
      rawPath: '/classify',
      rawQueryString: query.slice(1),
      headers: { 'content-type': type },
      requestContext: { domainName: 'example.org', http: { method: 'POST', path: '/classify' } },
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded,
    });
    const [{ statusCode, headers, body: text }] = await once(child, 'message');
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    return { status: statusCode, answer: JSON.parse(text) };
  };
}

const over =
  (url: string) =>
  async ({ body, type = 'image/png', query = '' }: Call): Promise<Answer> => {
    const response = await fetch(`${url}/${query}`, { method: 'POST', body, headers: { 'content-type': type } });
    return { status: response.status, answer: await response.json() };
  };

describe('examples/serverless', () => {
  test('answers as an AWS Lambda handler', () => check(lambda()));

  test('answers as a fetch handler, in Deno', async () => {
    const { url } = await startServer(example.folder, program('deno'), [
      'serve',
      '--allow-read',
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      'fetch.js',
    ]);
    await check(over(url));
    expect((await fetch(url)).status).toBe(405);
  });

  test('answers as a fetch handler, in Bun', async () => {
    const { url } = await startServer(example.folder, program('bun'), ['fetch.js'], { PORT: '0' });
    await check(over(url));
    expect((await fetch(url)).status).toBe(405);
  });

  test('measures its cold start', () => {
    const env = { ...process.env, DENO: program('deno'), BUN: program('bun'), RUNS: '5' };
    const output = execFileSync('node', ['cold-start.js', 'node', 'deno', 'bun'], { cwd: example.folder, encoding: 'utf8', env });
    const lines = output.trim().split('\n');
    console.log(lines.join('\n'));
    expect(lines.map((line) => line.replace(/\d+ ms/g, 'N ms'))).toEqual(
      ['node lambda.js', 'deno fetch.js', 'bun fetch.js'].map((name) => `${name}: N ms to the first answer, N ms for nothing; label 1`),
    );
  });
});
