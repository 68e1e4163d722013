// What an application that only runs models has to download.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The file and every chunk that it imports, by the package as it is published. */
function published(path: string, seen: Map<string, string> = new Map()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = read(path);
  seen.set(path, text);
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) published(join(dirname(path), specifier), seen);
  return seen;
}

describe('the bundle of "."', async () => {
  const bundle = await rollup({
    input: join(ROOT, 'build/js/index.js'),
    plugins: [
      {
        name: 'internal',
        resolveId: (source) => (source.startsWith('#wasm/') ? join(ROOT, `build/wasm/${source.slice(6)}.js`) : null),
      },
    ],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await bundle.generate({ format: 'es' });
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : [])).map((id) => relative(ROOT, id));

  it('contains the format reader, the runtime and inference.wasm, and nothing else', () => {
    const allowed = /^build\/(js\/(core|format|inference|wasm)\/|js\/platform\/(builtin|threads)\.js$|js\/index\.js$|wasm\/inference\.js$)/;
    expect(modules.filter((id) => !allowed.test(id))).toEqual([]);
    expect(modules).toContain('build/wasm/inference.js');
    expect(modules.filter((id) => /write|arena|core\/runtime|random|training|unshared/.test(id))).toEqual([]);
  });

  it('imports nothing', () => {
    expect(output).toHaveLength(1);
    expect(output[0].type === 'chunk' && [...output[0].imports, ...output[0].dynamicImports]).toEqual([]);
  });
});

describe('the published "."', () => {
  const files = published('dist/index.js');
  const text = [...files.values()].join('\n');

  it('does not carry training.wasm', () => {
    const training = read('build/wasm/training.js').match(/"([^"]+)"/)?.[1] ?? '';
    expect(training.length).toBeGreaterThan(0);
    expect(text.includes(training)).toBe(false);
    const inference = read('build/wasm/inference.js').match(/"([^"]+)"/)?.[1] ?? '';
    expect(text.includes(inference)).toBe(true);
  });

  it('imports nothing of a host: no node: module, no platform', () => {
    expect(text).not.toMatch(/(from|import)\s*\(?\s*['"]node:|#platform/);
  });

  it('has its wasm beside it', () => {
    expect(existsSync(join(ROOT, 'dist/wasm/inference.wasm'))).toBe(true);
  });
});

describe('inference.wasm', async () => {
  const module = await WebAssembly.compile(readFileSync(join(ROOT, 'dist/wasm/inference.wasm')));

  it('imports its memory only', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('exports memory, the start of the heap and kernels, each of these named after its operation and types', () => {
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name))).toEqual(['heapBase', 'memory']);
  });
});

describe('training.wasm, methods.wasm and kernels.wasm', async () => {
  const compile = (name: string): Promise<WebAssembly.Module> => WebAssembly.compile(readFileSync(join(ROOT, `dist/wasm/${name}.wasm`)));
  const [training, methods, kernels] = await Promise.all(['training', 'methods', 'kernels'].map(compile));

  it('only kernels.wasm is managed: it has its own memory and imports abort, the others import theirs', () => {
    for (const module of [training, methods])
      expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    expect(WebAssembly.Module.imports(kernels)).toEqual([{ module: 'env', name: 'abort', kind: 'function' }]);
  });

  it('methods.wasm has its constants behind those of training.wasm, and no kernel of the same name', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const first = await WebAssembly.instantiate(training, { env: { memory } });
    const heapBase = (first.exports.heapBase as WebAssembly.Global).value;
    const before = new Uint8Array(memory.buffer).slice(0, heapBase);
    const second = await WebAssembly.instantiate(methods, { env: { memory } });
    expect(new Uint8Array(memory.buffer).slice(0, heapBase)).toEqual(before);
    expect((second.exports.heapBase as WebAssembly.Global).value).toBeGreaterThanOrEqual(heapBase);
    expect(Object.keys(first.exports).filter((name) => name in second.exports)).toEqual(['heapBase', 'memory']);
  });

  it('kernels.wasm exports its runtime and the functions that it describes for as-bind', () => {
    const names = WebAssembly.Module.exports(kernels).map(({ name }) => name);
    const [section] = WebAssembly.Module.customSections(kernels, 'as-bind_bindings');
    const { exportedFunctions } = JSON.parse(new TextDecoder().decode(section));
    const runtime = ['__collect', '__new', '__pin', '__rtti_base', '__unpin', 'memory'];
    expect(names.sort()).toEqual([...Object.keys(exportedFunctions), ...runtime].sort());
    expect(Object.keys(exportedFunctions)).toContain('xnorConv2d');
  });

  it('none of the other entries carries as-bind, the loader or kernels.wasm', () => {
    const embedded = read('build/wasm/kernels.js').match(/"([^"]+)"/)?.[1] ?? '';
    expect(embedded.length).toBeGreaterThan(10_000);
    expect([...published('dist/kernels.js').values()].some((text) => text.includes(embedded))).toBe(true);
    for (const entry of ['index', 'train', 'data', 'cli']) {
      const text = entry === 'cli' ? read('dist/cli.js') : [...published(`dist/${entry}.js`).values()].join('\n');
      expect(text.includes(embedded), entry).toBe(false);
      expect(text, entry).not.toMatch(/__newArray|as-bind_bindings/);
    }
  });
});
