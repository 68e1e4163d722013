// docs/add-a-training-method.md, followed literally: its files, written as they are there, on the package as it is built.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/index.js';
import { methodNames, type TrainingMethod } from '../../src/train.js';
import { fromLatent, toLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, packed } from '../helpers/state.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bitgauss-method-'));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(ROOT, 'docs/add-a-training-method.md'), 'utf8');
const files = new Map([...page.matchAll(/```ts\n\/\/ ([\w-]+)\.ts\n([\s\S]*?)```/g)].map(([, name, code]) => [name, code]));
for (const [name, code] of files) {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  const { outputText } = ts.transpileModule(code, { compilerOptions: options });
  const built = outputText.replace(/'bitgauss\/(\w+)'/g, (_, entry) => JSON.stringify(pathToFileURL(join(ROOT, `dist/${entry}.js`)).href));
  writeFileSync(join(folder, `${name}.js`), built);
}
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
const load = (name: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.js`)).href);

describe('docs/add-a-training-method.md', async () => {
  const { steSign } = (await load('ste-sign')) as { steSign: (options?: { limit?: number }) => TrainingMethod };

  it('has the method and a run', () => {
    expect([...files.keys()]).toEqual(['ste-sign', 'train-digits']);
    expect(methodNames()).not.toContain('ste-sign');
  });

  it('the method does what its formula says', async () => {
    const limit = 0.5;
    const built = await buildState(steSign({ limit }), { cout: 37, cin: 5, kernel: 3 });
    const random = new TestRandom(1);
    const w = random.array(37 * 45, (r) => r.f32(-0.8, 0.8));
    const g = random.array(37 * 45, (r) => r.f32(-1, 1));
    built.array(0).set(toLatent(w, 37, 9, 5));
    built.state.invalidate();
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    const before = packed(built);
    built.runtime.arena.f32(built.parameter.gradient, built.parameter.elements).set(toLatent(g, 37, 9, 5));
    drain(built.state.update(0.25)); // plain sgd
    const expected = Array.from(w, (x, i) => Math.max(-limit, Math.min(limit, x - (Math.abs(x) <= limit ? 0.25 * g[i] : 0))));
    expect(difference(fromLatent(built.array(0), 37, 9, 5), expected, 1e-7)).toBeUndefined();
    built.state.sample({ kind: 'mode' });
    expect(packed(built)).not.toEqual(before);
  });

  it('the run learns digits and exports a model', async () => {
    const { model, result } = (await load('train-digits')) as { model: Uint8Array; result: { testAccuracy: number } };
    expect(result.testAccuracy).toBeGreaterThan(0.8);
    await expect(loadModel(model)).resolves.toBeDefined();
  });
});
