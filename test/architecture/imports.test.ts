// Who may import whom, and what only the edges of the package may name.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** What each folder may import besides itself. Entries (src/*.ts) may import every folder but the command line. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  platform: ['core'], // errors
  wasm: ['platform', 'core'], // errors
  core: ['wasm', 'platform'],
  format: ['core'],
  inference: ['format', 'core', 'wasm'],
  nn: ['core', 'wasm'], // sets of kernels
  models: ['nn', 'core'],
  data: ['core', 'platform'],
  export: ['nn', 'format', 'data', 'core'],
  train: ['export', 'nn', 'models', 'data', 'format', 'core', 'platform', 'wasm'], // sets of kernels
  convert: ['format', 'nn', 'core', 'platform'],
  kernels: ['core', 'wasm'],
  entry: ['platform', 'wasm', 'core', 'format', 'inference', 'nn', 'models', 'data', 'export', 'train', 'convert', 'kernels'],
  cli: ['entry', 'core', 'platform'],
};

/** The packages that a library entry bundles, each behind one file: docs/decisions/as-bind.md. */
const BUNDLED: Record<string, string> = {
  'kernels/as-bind.ts': 'as-bind/dist/as-bind.esm.js',
  'kernels/loader.ts': '@assemblyscript/loader',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : 'entry');
const source = (path: string): string => readFileSync(join(SRC, path), 'utf8');
/** Code only: comments and the contents of strings may name anything; ${...} in templates stays. */
const code = (path: string): string =>
  source(path)
    .replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`])\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
const imports = (path: string): string[] => [...source(path).matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, target]) => target);
const target = (path: string, specifier: string): string => relative(SRC, join(SRC, dirname(path), specifier));

describe('imports', () => {
  it('every folder has its rule', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  it.each(files)('%s', (path) => {
    const folder = folderOf(path);
    for (const specifier of imports(path)) {
      if (specifier.startsWith('.')) {
        const to = folderOf(target(path, specifier));
        expect([folder, ...MAY_IMPORT[folder]], `imports ${specifier}`).toContain(to);
      } else if (specifier === '#platform') {
        expect([...MAY_IMPORT[folder], folder], 'imports #platform').toContain('platform');
      } else if (specifier.startsWith('#wasm/')) {
        expect(['core', 'inference', 'wasm', 'kernels'], `imports ${specifier}`).toContain(folder);
      } else if (/^(as-bind|@assemblyscript\/)/.test(specifier)) {
        expect(BUNDLED[path], `imports ${specifier}`).toBe(specifier);
      } else {
        expect(['platform', 'cli'], `imports the package or module ${specifier}`).toContain(folder);
      }
    }
  });

  it('the inference entry reaches nothing of training', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const specifier of imports(path)) {
        expect(specifier, path).not.toBe('#wasm/training');
        if (specifier.startsWith('.')) visit(target(path, specifier).replace(/\.js$/, '.ts'));
      }
    };
    visit('index.ts');
    expect([...new Set([...reached].map(folderOf))].sort()).toEqual(['core', 'entry', 'format', 'inference', 'platform', 'wasm']);
    expect([...reached].filter((path) => path.includes('write'))).toEqual([]);
  });
});

describe('bitgauss/kernels', () => {
  const reached = (entry: string): string[] => {
    const found = new Set<string>();
    const visit = (path: string): void => {
      if (found.has(path)) return;
      found.add(path);
      for (const specifier of imports(path)) if (specifier.startsWith('.')) visit(target(path, specifier).replace(/\.js$/, '.ts'));
    };
    visit(entry);
    return [...found];
  };

  it('reaches nothing but its own folder, errors, names of random streams and the text of its wasm', () => {
    const others = [...reached('kernels.ts'), ...reached('kernels-workerd.ts')].filter((path) => folderOf(path) !== 'kernels');
    expect([...new Set(others)].sort()).toEqual(['core/errors.ts', 'core/random.ts', 'kernels-workerd.ts', 'kernels.ts', 'wasm/text.ts']);
  });

  it('runs through as-bind, in Workers through the loader alone; both entries have the same functions', () => {
    expect(reached('kernels.ts').filter((path) => path in BUNDLED)).toEqual(['kernels/as-bind.ts']);
    expect(reached('kernels-workerd.ts').filter((path) => path in BUNDLED)).toEqual(['kernels/loader.ts']);
    const functions = (path: string): string[] => [...source(path).matchAll(/^export const .*$/gm)].map(([line]) => line);
    expect(functions('kernels.ts').length).toBeGreaterThan(5);
    expect(functions('kernels-workerd.ts')).toEqual(functions('kernels.ts'));
  });
});

const inside = files.filter((path) => folderOf(path) !== 'cli');

describe('code that runs everywhere', () => {
  it.each(inside.filter((path) => folderOf(path) !== 'platform'))('%s names no host global', (path) => {
    const hosts = /(?<![.\w$'])(process|Deno|Bun|navigator|Worker|window|document|globalThis|require|__dirname)(?=[.([])/g;
    expect([...code(path).matchAll(hosts)].map(([, name]) => name)).toEqual([]);
  });

  it.each(inside)('%s uses no function whose last bits differ between engines', (path) => {
    const text = code(path);
    const functions = /\bMath\.(exp|log|log2|log10|pow|sin|cos|tan|asin|acos|atan|tanh|hypot|atan2|cbrt|expm1|log1p|sinh|cosh|random)\b/g;
    expect([...text.matchAll(functions)].map(([name]) => name)).toEqual([]);
    // 2 ** 31 of two literals is exact; any other power is not.
    expect(text.replace(/\b2 \*\* \d+\b/g, '').match(/[^/*]\*\*[^/*]/g)).toBeNull();
  });
});
