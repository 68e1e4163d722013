// Where hosts are looked for, and how their programs are started and ended.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../app.js';
import { browserHost, findProgram } from './browser.js';
import { start, within } from './child.js';
import { hostsDirectory, installed, pinnedVersion, versionOf } from './host.js';
import { programHost } from './program.js';
import { BROWSERS, HOSTS } from './registry.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const folder = mkdtempSync(join(tmpdir(), 'bitgauss-hosts-'));
writeFileSync(join(folder, 'package.json'), '{}'); // the programs below are CommonJS, whatever lies above

/** A program of Node. */
function program(path: string, code: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${code}`);
  chmodSync(file, 0o755);
  return file;
}

describe('packages', () => {
  test('are in the cache directory of the user, unless BITGAUSS_HOSTS says where', () => {
    vi.stubEnv('BITGAUSS_HOSTS', '');
    vi.stubEnv('XDG_CACHE_HOME', '/cache');
    if (process.platform === 'linux') expect(hostsDirectory()).toBe('/cache/bitgauss/hosts');
    vi.stubEnv('BITGAUSS_HOSTS', '/elsewhere');
    expect(hostsDirectory()).toBe('/elsewhere');
  });

  test('have one exact version each, and a lock file of the same', () => {
    const read = (file: string): Record<string, Record<string, { version?: string; dependencies?: unknown }>> =>
      JSON.parse(readFileSync(new URL(`../../../scripts/hosts/${file}`, import.meta.url), 'utf8'));
    const { dependencies } = read('package.json');
    expect(read('package-lock.json').packages[''].dependencies).toEqual(dependencies);
    for (const name of Object.keys(dependencies)) expect(pinnedVersion(name)).toMatch(/^\d+\.\d+\.\d+$/);
    expect(pinnedVersion('node-20')).toMatch(/^20\./);
    expect(() => pinnedVersion('node-9')).toThrow('scripts/hosts/package.json: no node-9, expected one of bun,');
  });

  test('that are missing say how to get them', () => {
    vi.stubEnv('BITGAUSS_HOSTS', folder);
    expect(() => installed('none/bin/none', '')).toThrow(
      `${join(folder, 'node_modules/none/bin/none')}: no such file; npm run hosts:install puts it there`,
    );
    const file = program('node_modules/some/bin/some', '');
    expect(installed('some/bin/some', '')).toBe(file);
  });
});

test('every host has a name of its own; those that are packages have their version', () => {
  expect(HOSTS.map(({ name }) => name)).toEqual([
    'node-20',
    'node-22',
    'node-24',
    'node-26',
    'deno',
    'bun',
    'workerd',
    'chromium',
    'firefox',
  ]);
  expect(HOSTS.filter(({ pinned }) => pinned === undefined)).toEqual(BROWSERS);
  expect(HOSTS.find(({ name }) => name === 'workerd')?.pinned).toMatch(/^\d{4}-\d\d-\d\d$/);
});

describe('browsers', () => {
  const options = { name: 'some', programs: ['none', 'browser'], package: 'some-esr', args: () => [] };

  test('are found in PATH, or where the variable says', () => {
    const file = program('path/browser', '');
    vi.stubEnv('PATH', join(folder, 'path'));
    expect(findProgram(options)).toBe(file);
    vi.stubEnv('PATH', folder);
    expect(findProgram(options)).toBeUndefined();
    expect(() => browserHost(options).executable()).toThrow(
      'none of none, browser was found; install it (npm run hosts:install does, where apt may) or set BITGAUSS_SOME',
    );
    vi.stubEnv('BITGAUSS_SOME', file);
    expect(browserHost(options).executable()).toBe(file);
    vi.stubEnv('BITGAUSS_SOME', '/none');
    expect(() => browserHost(options).executable()).toThrow('BITGAUSS_SOME: /none: no such file');
  });

  test('are given a page in a new profile, whose outcome counts; one that ends early is an error', async () => {
    const app = { folder, bundle: async () => ({ main: program('worker.js', '1'), wasm: [] }) } as unknown as App;
    const visit = (then: string): string =>
      `const [, , profile, url] = process.argv; (async () => { const { headers } = await fetch(url);
       if (headers.get('cross-origin-embedder-policy') !== 'require-corp' || require('fs').readdirSync(profile).length > 0) process.exit(9);
       ${then} })();`;
    const post = (outcome: unknown): string =>
      visit(
        `await fetch(url + 'outcome', { method: 'POST', body: ${JSON.stringify(JSON.stringify(outcome))} }); setInterval(() => {}, 1000);`,
      );
    const run = (code: string): Promise<unknown> => {
      vi.stubEnv('BITGAUSS_SOME', program('visitor', code));
      return browserHost({ ...options, args: (profile, url) => [profile, url] }).run(app, 'first');
    };
    expect(await run(post({ report: { loadMs: 2 } }))).toEqual({ loadMs: 2 });
    await expect(run(post({ error: 'it trapped' }))).rejects.toThrow('it trapped');
    await expect(run(visit('console.error("no display"); process.exit(3);'))).rejects.toThrow('it ended with code 3: no display');
  });
});

describe('programs', () => {
  const file = program(
    'node_modules/printer/bin',
    'console.error("a warning"); const code = require("fs").readFileSync(process.argv[2], "utf8"); eval(code);',
  );
  const app = (code: string): App => ({ folder, program: () => program('printed.js', code) }) as unknown as App;
  const run = (code: string): Promise<unknown> => {
    vi.stubEnv('BITGAUSS_HOSTS', folder);
    return programHost({ name: 'printer', package: 'bun', path: 'printer/bin', extension: '' }).run(app(code), 'first');
  };

  test('print their report; an exit code is an error with what they said', async () => {
    expect(await run('0; console.log(JSON.stringify({ loadMs: 1 }))')).toEqual({ loadMs: 1 });
    await expect(run('0; process.exit(4)')).rejects.toThrow('it ended with code 4: a warning');
  });

  test('say their version', () => {
    expect(versionOf(process.execPath)).toBe(process.version.slice(1));
    expect(versionOf(program('a', 'console.log("Some Browser 153.7.0esr built on 1")'))).toBe('153.7.0esr');
    expect(() => versionOf(program('b', 'console.log("none")'))).toThrow('--version: got "none\\n", expected a version');
    expect(versionOf(file.replace(/bin$/, '../../a'))).toBe('153.7.0esr');
  });

  test.runIf(process.platform !== 'win32')('are ended with what they started', async () => {
    // The inner one holds the output open, so the outer one counts as ended only when both are.
    const inner = 'console.log(1); setInterval(() => {}, 1000)';
    const code = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' }); setInterval(() => {}, 1000);`;
    const child = start(program('parent', code), []);
    await new Promise((resolve) => child.process.stdout?.once('data', resolve));
    await expect(within(child.ended, 'the parent', 50)).rejects.toThrow('the parent: no answer within 0.05 s');
    child.process.kill('SIGKILL');
    await expect(within(child.ended, 'both', 200)).rejects.toThrow('both: no answer');
    await child.stop();
    await child.stop(); // again does nothing
  });

  test('that do not exist are an error', async () => {
    const child = start(join(folder, 'no-such-program'), []);
    await expect(child.ended).rejects.toThrow('ENOENT');
    await child.stop();
  });
});
