// The package as users get it: packed, installed in an empty folder, its entries, its command and the README's examples run from there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(temporaryFolder(), 'app');

const run = (command: string, args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs JavaScript as a module of the app. */
function runModule(name: string, code: string): string {
  writeFileSync(join(folder, name), code);
  return run(process.execPath, [name]);
}

let files: string[];

beforeAll(() => {
  mkdirSync(folder);
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }),
  );
  files = packed.files.map((file: { path: string }) => file.path);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--offline', '--ignore-scripts', `./${packed.filename}`]);
});

describe('the tarball', () => {
  test('holds dist, package.json, README and LICENSE, nothing else', () => {
    expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    for (const path of [
      'dist/index.js',
      'dist/train.js',
      'dist/data.js',
      'dist/kernels.js',
      'dist/workerd/kernels.js',
      'dist/cli.js',
      'dist/licenses.txt',
      'dist/wasm/inference.wasm',
      'dist/wasm/kernels.wasm',
      'dist/types/index.d.ts',
    ]) {
      expect(files).toContain(path);
    }
  });

  test('has no dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
  });

  test('lists the licences of what the command and the kernels bundle', () => {
    const text = readFileSync(join(root, 'dist/licenses.txt'), 'utf8');
    for (const name of ['commander', 'cli-progress', 'pngjs', 'jpeg-js', 'as-bind', 'assemblyscript, @assemblyscript/loader'])
      expect(text).toContain(`Name: ${name}\n`);
    expect(text).toContain('Permission is hereby granted');
    expect(text).toContain('Copyright (c) 2019 Aaron Turner'); // as-bind
    expect(text).toContain('Apache License\n                           Version 2.0'); // AssemblyScript
    expect(text).toContain('Daniel Wirtz <dcode@dcode.io>'); // its notice
  });

  test('the command says its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(run(join(folder, 'node_modules/.bin/bitgauss'), ['--version']).trim()).toBe(version);
  });
});

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [training, prediction] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);

  test('its training example trains and its inference example predicts', () => {
    const arrays = `
      import { digits } from 'bitgauss/data';
      import { writeFileSync } from 'node:fs';
      const set = digits({ train: 500, test: 50 });
      const read = (d) => { const images = new Uint8Array(d.length * 784), labels = new Int32Array(d.length);
        d.read(Uint32Array.from(labels, (_, i) => i), { images, labels }); return { images, labels }; };
      const { images, labels } = read(set.train);
      const { images: testImages, labels: testLabels } = read(set.test);
    `;
    const lines = runModule('training.mjs', `${arrays}\n${training}\nwriteFileSync('model.safetensors', bytes);`).trim().split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/^\d 0\.\d+$|^\d [01]$/);
    const pixels = `const pixels = new Uint8Array(784).fill(7);\n`;
    expect(runModule('prediction.mjs', pixels + prediction)).toMatch(/^\d: \d+\.\d %\n$/);
  });

  test('its training example has 12 lines', () => {
    expect(training.trim().split('\n')).toHaveLength(12);
  });
});
