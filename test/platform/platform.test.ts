import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { platform as node, files as nodeFiles } from '../../src/platform/node.js';
import type { Thread } from '../../src/platform/types.js';
import { platform as web, files as webFiles } from '../../src/platform/web.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('node', () => {
  test('readFile gives the bytes, undefined for a missing file, an error for a folder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bitgauss-'));
    try {
      const path = nodeFiles.joinPath(directory, 'three');
      await writeFile(path, Uint8Array.of(1, 0, 255));
      expect([...((await nodeFiles.readFile(path)) ?? [])]).toEqual([1, 0, 255]);
      expect(await nodeFiles.readFile(join(directory, 'none'))).toBeUndefined();
      expect(await nodeFiles.readFile(join(path, 'below-a-file'))).toBeUndefined();
      await expect(nodeFiles.readFile(directory)).rejects.toMatchObject({ code: 'data', message: expect.stringContaining(directory) });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('openFile reads parts; undefined for a missing file, an error for a folder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bitgauss-'));
    try {
      const path = nodeFiles.joinPath(directory, 'six');
      await writeFile(path, Uint8Array.of(0, 1, 2, 3, 4, 5));
      const file = await nodeFiles.openFile(path);
      expect(file?.size).toBe(6);
      const parts = [
        { offset: 4, into: new Uint8Array(2) },
        { offset: 0, into: new Uint8Array(3) },
      ];
      file?.read(parts);
      expect(parts.map(({ into }) => [...into])).toEqual([
        [4, 5],
        [0, 1, 2],
      ]);
      expect(() => file?.read([{ offset: 5, into: new Uint8Array(2) }])).toThrow(/six: got an end at 6 bytes/);
      expect(await nodeFiles.openFile(join(directory, 'none'))).toBeUndefined();
      expect(await nodeFiles.openFile(join(path, 'below-a-file'))).toBeUndefined();
      await expect(nodeFiles.openFile(directory)).rejects.toMatchObject({ code: 'data', message: expect.stringContaining(directory) });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('a thread runs the text of a function; its failure is heard once, its end after stop is not', async () => {
    const heard: unknown[] = [];
    const failures: string[] = [];
    const start = (source: string): Promise<Thread> =>
      new Promise((resolve) => {
        const thread = node.startThread(
          source,
          { x: 20 },
          (message) => {
            heard.push(message);
            resolve(thread);
          },
          (reason) => {
            failures.push(reason);
            resolve(thread);
          },
        );
      });
    await (await start('(data, post) => { post(data.x + 1); setInterval(() => {}, 1000); }')).stop();
    expect(heard).toEqual([21]);
    expect(failures).toEqual([]);
    await start('async () => { throw new Error("broken"); }');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(failures).toEqual(['broken']);
    expect(node.threads().cores).toBeGreaterThan(0);
  });

  test('environment reads a variable', () => {
    vi.stubEnv('BITGAUSS_TEST', 'x');
    expect(nodeFiles.environment('BITGAUSS_TEST')).toBe('x');
    expect(nodeFiles.environment('BITGAUSS_TEST_ABSENT')).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('cacheDirectory follows XDG_CACHE_HOME where it is absolute', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/somewhere/cache');
    expect(nodeFiles.cacheDirectory()).toBe('/somewhere/cache');
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    expect(nodeFiles.cacheDirectory()).toBe(join(homedir(), '.cache'));
    vi.stubEnv('XDG_CACHE_HOME', '');
    expect(nodeFiles.cacheDirectory()).toBe(join(homedir(), '.cache'));
  });
});

describe('web', () => {
  test('has threads in an isolated worker only, and says why not', () => {
    vi.stubGlobal('Worker', undefined);
    expect(web.threads()).toEqual({ cores: 1, reason: 'this host has no Worker' });
    vi.stubGlobal('Worker', class {});
    vi.stubGlobal('crossOriginIsolated', false);
    expect(web.threads()).toEqual({ cores: 1, reason: expect.stringContaining('not cross-origin isolated') });
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('document', {});
    expect(web.threads()).toEqual({ cores: 1, reason: expect.stringContaining('train in a worker') });
    vi.stubGlobal('document', undefined);
    vi.stubGlobal('navigator', { hardwareConcurrency: 6 });
    expect(web.threads()).toEqual({ cores: 6 });
  });

  test('a thread is a worker from a blob', async () => {
    const posted: unknown[] = [];
    let terminated = 0;
    const made: { url: string; onmessage?: (event: { data: unknown }) => void; onerror?: (event: { message: string }) => void }[] = [];
    vi.stubGlobal(
      'Worker',
      class {
        url: string;
        constructor(url: string) {
          this.url = url;
          made.push(this);
        }
        postMessage(message: unknown): void {
          posted.push(message);
        }
        terminate(): void {
          terminated++;
        }
      },
    );
    const heard: unknown[] = [];
    const thread = web.startThread(
      'SOURCE',
      5,
      (message) => heard.push(message),
      (reason) => heard.push(reason),
    );
    const [worker] = made;
    expect(await (await fetch(worker.url)).text()).toContain('(SOURCE)(data');
    expect(posted).toEqual([5]);
    worker.onmessage?.({ data: 'hello' });
    worker.onerror?.({ message: 'broken' });
    expect(heard).toEqual(['hello', 'broken']);
    await thread.stop();
    expect(terminated).toBe(1);
  });

  test('has no files, no environment, no cache', async () => {
    await expect(webFiles.readFile('a/b')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/a\/b.*no file system.*arrays/),
    });
    expect(webFiles.environment('PATH')).toBeUndefined();
    expect(webFiles.cacheDirectory()).toBeUndefined();
    expect(webFiles.joinPath('a', 'b', 'c')).toBe('a/b/c');
  });

  test('macrotask waits by the scheduler where it can wait', async () => {
    const waited: number[] = [];
    vi.stubGlobal('scheduler', { wait: async (ms: number) => waited.push(ms) });
    vi.stubGlobal('MessageChannel', undefined);
    await web.macrotask();
    expect(waited).toEqual([0]);
    vi.stubGlobal('scheduler', { postTask: () => {} });
    await web.macrotask();
    expect(waited).toEqual([0]);
  });

  test('macrotask works without MessageChannel', async () => {
    vi.stubGlobal('MessageChannel', undefined);
    await web.macrotask();
  });
});

test.each([
  ['node', node],
  ['web', web],
])('%s: macrotask runs after every microtask', async (_, platform) => {
  const order: string[] = [];
  const later = platform.macrotask().then(() => order.push('macrotask'));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  order.push('microtasks');
  await later;
  expect(order).toEqual(['microtasks', 'macrotask']);
});
