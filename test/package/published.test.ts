// What other tools say about the tarball: publint about its package.json, attw about its types, npm about what it runs when it is installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let tarball: string;

beforeAll(() => {
  const folder = join(temporaryFolder(), 'pack');
  mkdirSync(folder);
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }),
  );
  tarball = join(folder, filename);
});

describe('the tarball', () => {
  test('is clean for publint', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer },
      level: 'suggestion',
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('is clean for attw: its types are found and are those of the code, wherever ES modules can be imported', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, tarball, '--profile', 'esm-only', '--format', 'json', '--exclude-entrypoints', './package.json'];
    const { analysis } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(['.', './data', './kernels', './train', './wasm/*.wasm']);
    const checked = (analysis.problems as { resolutionKind?: string }[]).filter(
      ({ resolutionKind }) => resolutionKind !== 'node10' && resolutionKind !== 'node16-cjs',
    );
    expect(checked).toEqual([]);
  });
});

test('public types need no inference: JSR calls others slow', () => {
  // tsc refuses an export whose type it would have to infer.
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  expect(compilerOptions).toMatchObject({ isolatedDeclarations: true, declaration: true });
});

describe('package.json', () => {
  test('runs nothing where the package is installed', () => {
    // `prepare` runs in a clone only.
    expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$|^postprepare$|^preprepare$/.test(name))).toEqual([]);
  });

  test('has no dependencies of any kind, and no side effects', () => {
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies', 'bundledDependencies'])
      expect(manifest[kind], kind).toBeUndefined();
    expect(manifest.sideEffects).toBe(false);
  });

  test('asks for provenance and for Node 20.19 or newer', () => {
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
    expect(manifest.engines).toEqual({ node: '>=20.19' });
  });

  test('gives every entry types, a build for Workers and one for everybody else, in this order', () => {
    const name = (entry: string): string => (entry === '.' ? 'index' : entry.slice(2));
    for (const entry of ['.', './train', './data', './kernels'])
      expect(Object.entries(manifest.exports[entry])).toEqual([
        ['types', `./dist/types/${name(entry)}.d.ts`],
        ['workerd', `./dist/workerd/${name(entry)}.js`],
        ['default', `./dist/${name(entry)}.js`],
      ]);
    expect(manifest.exports['./wasm/*.wasm']).toBe('./dist/wasm/*.wasm');
  });
});
