// What an application downloads, wasm included: minified and gzipped, beside the limits and beside what was recorded in scripts/sizes.json.
//   node scripts/sizes.mjs [--save]
// --save records the sizes: a change that adds bytes says so in its own diff.
import { readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const RECORD = join(ROOT, 'scripts/sizes.json');

/** Applications: their code, and what they may take at most, in bytes. */
export const APPS = {
  predict: {
    limit: 15 * 1024,
    code: `import { loadModel } from 'bitgauss';
      export const classify = async (file, pixels) => (await loadModel(file)).predict(pixels).name;`,
  },
  train: {
    limit: 50 * 1024,
    code: `import { convnet, fit, ste } from 'bitgauss/train';
      export const run = (train) => fit({ model: convnet, data: { train }, method: ste() });`,
  },
  'train with vispa': {
    limit: 52 * 1024,
    code: `import { convnet, fit, vispa } from 'bitgauss/train';
      export const run = (train) => fit({ model: convnet, data: { train }, method: vispa() });`,
  },
  'train on arrays': {
    code: `import { arrayDataset } from 'bitgauss/data';
      import { convnet, fit, ste } from 'bitgauss/train';
      export const run = (arrays) => fit({ model: convnet, data: { train: arrayDataset(arrays) }, method: ste() });`,
  },
};

/** Where the entries, `#platform` and `#wasm/x` lead: to the package as it is published, or to its modules. */
const PLACES = {
  package: { index: 'dist/index.js', train: 'dist/train.js', data: 'dist/data.js', platform: 'dist/platform/web.js' },
  modules: { index: 'build/js/index.js', train: 'build/js/train.js', data: 'build/js/data.js', platform: 'build/js/platform/web.js' },
};

/** One bundle, as vite, rolldown and their kin make it. */
export async function bundle(code, { index, train, data, platform }, sourcemap = false) {
  const build = await rolldown({
    input: 'app',
    cwd: ROOT,
    plugins: [
      {
        name: 'app',
        resolveId(source) {
          if (source === 'app') return '\0app';
          if (source === 'bitgauss') return join(ROOT, index);
          if (source === 'bitgauss/train') return join(ROOT, train);
          if (source === 'bitgauss/data') return join(ROOT, data);
          if (source === '#platform') return join(ROOT, platform);
          if (source.startsWith('#wasm/')) return join(ROOT, `build/wasm/${source.slice(6)}.js`);
          return null;
        },
        load: (id) => (id === '\0app' ? code : null),
      },
    ],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: 'es', minify: true, sourcemap });
  await build.close();
  const [chunk, ...others] = output.filter(({ type }) => type === 'chunk');
  if (others.length > 0 || chunk.imports.length > 0) throw new Error(`expected one chunk without imports, got ${others.length + 1}`);
  return chunk;
}

/** Minified bytes by module, from the source map. */
function bytesByModule({ code, map }) {
  const sources = new SourceMap(map);
  const bytes = new Map();
  code.split('\n').forEach((line, row) => {
    for (let column = 0; column < line.length; column++) {
      const { originalSource } = sources.findEntry(row, column);
      const name = originalSource === undefined ? '' : relative(ROOT, resolve(ROOT, 'build', originalSource)).replace(/^build\//, '');
      bytes.set(name, (bytes.get(name) ?? 0) + 1);
    }
  });
  return Object.fromEntries([...bytes].filter(([name]) => /^(js|wasm)\//.test(name)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** { gzip: bytes, modules: { name: minified bytes } } by application. */
export async function measure() {
  const sizes = {};
  for (const [name, { code }] of Object.entries(APPS)) {
    const published = await bundle(code, PLACES.package);
    const modules = bytesByModule(await bundle(code, PLACES.modules, true));
    sizes[name] = { gzip: gzipSync(published.code, { level: 9 }).length, modules };
  }
  return sizes;
}

export function recorded() {
  return JSON.parse(readFileSync(RECORD, 'utf8'));
}

/** Lines that say how an application changed since it was recorded; none where it did not. */
export function changes(now, before) {
  const names = [...new Set([...Object.keys(before.modules), ...Object.keys(now.modules)])].sort();
  const rows = names.flatMap((name) => {
    const change = (now.modules[name] ?? 0) - (before.modules[name] ?? 0);
    return change === 0 ? [] : [{ name, change }];
  });
  const signed = (change) => (change > 0 ? `+${change}` : String(change));
  return rows
    .sort((a, b) => b.change - a.change)
    .map(({ name, change }) => `  ${signed(change).padStart(7)}  ${name} (${now.modules[name] ?? 0} bytes minified)`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measure();
  const before = process.argv.includes('--save') ? sizes : recorded();
  for (const [name, size] of Object.entries(sizes)) {
    console.log(`${name}: ${size.gzip} bytes, at most ${APPS[name].limit ?? 'anything'}, recorded ${before[name]?.gzip}`);
    for (const line of changes(size, before[name] ?? { modules: {} })) console.log(line);
  }
  if (process.argv.includes('--save')) writeFileSync(RECORD, `${JSON.stringify(sizes, null, 2)}\n`);
}
