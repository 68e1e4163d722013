import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { type Example, installExample, modelBytes, startServer } from './example.js';
import { DIGITS, hugePngFile, jpegFile, pngFile, transparentPngFile } from './images.js';

let example: Example;

beforeAll(() => {
  example = installExample('node');
});
afterAll(() => example.remove());

describe('examples/node', () => {
  test('classifies posted images, and says what is wrong with others', async () => {
    const { url, process } = await startServer(example.folder, 'node', ['server.js'], { PORT: '0' });
    const post = async (
      body: Uint8Array<ArrayBuffer> | string,
      type: string,
      query: string = '',
    ): Promise<{ status: number; answer: Record<string, unknown> }> => {
      const response = await fetch(`${url}/classify${query}`, { method: 'POST', body, headers: { 'content-type': type } });
      return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
    };
    const model = await loadModel(modelBytes);
    for (const [digit, pixels] of Object.entries(DIGITS)) {
      const { probabilities, name } = model.predict(pixels);
      expect(name).toBe(digit);
      const expected = {
        status: 200,
        answer: { label: digit, probabilities: Object.fromEntries([...probabilities].map((p, i) => [String(i), p])) },
      };
      expect(await post(pngFile(pixels), 'image/png')).toEqual(expected);
      expect(await post(pngFile(pixels, 1, true), 'image/png', '?invert')).toEqual(expected);
      expect(await post(transparentPngFile(pixels), 'image/png')).toEqual(expected);
      for (const body of [jpegFile(pixels), jpegFile(pixels, 20)])
        expect(await post(body, 'image/jpeg')).toMatchObject({ status: 200, answer: { label: digit } });
    }
    const bad = (status: number, error: RegExp): unknown => ({ status, answer: { error: expect.stringMatching(error) } });
    expect(await post('hello', 'image/png')).toEqual(bad(400, /^body: got no readable image/));
    expect(await post('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'image/png')).toEqual(
      bad(400, /^body: got no readable/),
    );
    expect(await post('', 'image/png')).toEqual(bad(400, /^body: got nothing/));
    expect(await post(pngFile(DIGITS['7']).slice(0, 150), 'image/png')).toEqual(bad(400, /^body: got a broken image/));
    expect(await post(new Uint8Array(2 ** 20 + 1), 'image/png')).toEqual(bad(413, /^body: got more than 1048576 bytes/));
    expect(await post(hugePngFile(4116), 'image/png')).toEqual(bad(413, /^image: got 4116 x 4116 pixels/));
    expect(await post('hello', 'text/plain')).toEqual(bad(415, /^content-type: got text\/plain, expected image\/png or image\/jpeg$/));
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([404, { error: 'got GET /, expected POST /classify' }]);
    process.kill('SIGTERM');
    await expect.poll(() => process.exitCode, { timeout: 5000 }).toBe(0);
  });
});
