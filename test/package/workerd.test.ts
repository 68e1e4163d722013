// The build for Cloudflare Workers, as far as Node can run it: wasm comes from static imports as modules, nothing is compiled from bytes, and the bits
// are those of the other build. (The hosts themselves are tested elsewhere.)
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/cli.js';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const files = readdirSync(join(dist, 'workerd'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));

/** Imports of the build: file and specifier, paths from dist. */
const imports = files.flatMap((name) => {
  const path = join(dist, 'workerd', name);
  return [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) .*?from '([^']+)';$/gms)].map(([, specifier]) => ({
    specifier,
    target: relative(dist, join(dirname(path), specifier)),
  }));
});

test('it imports its own files and each wasm module from one place', () => {
  expect(imports.filter(({ specifier }) => !/^\.\.?\//.test(specifier))).toEqual([]);
  const wasm = imports.map(({ target }) => target).filter((target) => target.endsWith('.wasm'));
  expect(wasm.sort()).toEqual(['wasm/inference.wasm', 'wasm/kernels.wasm', 'wasm/methods.wasm', 'wasm/training.wasm']);
  for (const name of ['inference', 'kernels', 'methods', 'training']) {
    const [, embedded] = readFileSync(join(dist, 'wasm', `${name}.js`), 'utf8').match(/"([^"]{1000,})"/) ?? [];
    expect(embedded.length).toBeGreaterThan(2000);
    for (const file of files) expect(readFileSync(join(dist, 'workerd', file), 'utf8').includes(embedded), file).toBe(false);
  }
});

test('it asks Node for nothing: what Workers carry of it are stand-ins', () => {
  for (const file of files) expect(readFileSync(join(dist, 'workerd', file), 'utf8'), file).not.toMatch(/getBuiltinModule|node:/);
});

/** Gives `import module from './x.wasm'` the meaning that it has in a Worker. */
const LOADER = `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export async function load(url, context, next) {
  if (!url.endsWith('.wasm')) return next(url, context);
  const bytes = readFileSync(fileURLToPath(url)).toString('base64');
  return { format: 'module', shortCircuit: true, source: 'export default new WebAssembly.Module(Buffer.from("' + bytes + '", "base64"));' };
}`;

const APP = `
import { register } from 'node:module';
import { createHash } from 'node:crypto';
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(LOADER)}));
const [, , folder, worker] = process.argv;
const entry = (name) => import(new URL(name, folder).href);
const [{ loadModel, loadModelSync }, { convnet, fit, ste }, { digits }] = await Promise.all(['index.js', 'train.js', 'data.js'].map(entry));
if (worker) for (const name of ['Module', 'compile']) WebAssembly[name] = function () { throw new Error('bytes are not compiled here'); };
const { train } = digits({ train: 128, test: 1 });
const { model } = await fit({ model: () => convnet({ classes: 10, width: 0.25 }), data: { train }, method: ste(), epochs: 1, batchSize: 64, validation: 0, threads: 1 });
const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) & 255);
const logits = [...loadModelSync(model).predict(pixels).logits];
const later = [...(await loadModel(model)).predict(pixels).logits];
console.log(JSON.stringify({ model: createHash('sha256').update(model).digest('hex'), logits, later }));
`;

test('it trains to the same bytes and predicts the same logits, without compiling anything', () => {
  const app = join(temporaryFolder(), 'app.mjs');
  writeFileSync(app, APP);
  const run = (folder: string, ...args: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [app, `${pathToFileURL(join(dist, folder))}/`, ...args], { encoding: 'utf8' }));
  const result = run('workerd', 'worker') as { logits: number[]; later: number[] };
  expect(result).toEqual(run('.'));
  expect(result.later).toEqual(result.logits);
});
