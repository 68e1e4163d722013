// Bundles what tsc emitted, twice. For every host: `#platform` stays an import that the host resolves, wasm is inline, in modules of its own. For
// Cloudflare Workers (`workerd`): wasm is imported as a module from dist/wasm, since they compile nothing from bytes. The entries share chunks. cli.js
// and kernels.js take in development dependencies, whose licence texts are listed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import license from 'rollup-plugin-license';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** How `#platform`, `#wasm/x` and the modules of `others` are resolved. */
const internal = (platform, wasm, others = {}) => ({
  name: 'internal',
  resolveId(source) {
    if (source === '#platform') return platform;
    if (source.startsWith('#wasm/')) return wasm(source.slice(6));
    const [, name] = source.match(/([^/]+)\.js$/) ?? [];
    return Object.hasOwn(others, name) ? others[name] : null;
  },
});

/** The generated module with the embedded binary. */
const embedded = (name) => path(`./build/wasm/${name}.js`);
/** The binary itself, as a module: for hosts that compile nothing from bytes. */
const imported = (name) => ({ id: path(`./dist/wasm/${name}.wasm`), external: 'relative' });

/** AssemblyScript's runtime is in kernels.wasm, its loader in kernels.js (within as-bind) and in workerd/kernels.js; the loader comes without these texts. */
const assemblyScript = ['NOTICE', 'LICENSE'].map((name) => readFileSync(path(`./node_modules/assemblyscript/${name}`), 'utf8'));
const licenses = license({
  thirdParty: {
    output: {
      file: path('./dist/licenses.txt'),
      template: (dependencies) =>
        [...dependencies.map((dependency) => dependency.text()), 'Name: assemblyscript, @assemblyscript/loader', ...assemblyScript].join(
          '\n\n---\n\n',
        ),
    },
  },
});

/** The text of the wasm comes first in a bundle, in one piece: between modules it would spoil what gzip makes of them (1 % of the whole). */
const BANNERS = {
  cli: '#!/usr/bin/env node',
  index: "import './wasm/inference.js';",
  train: "import './wasm/training.js';",
};

const library = { index: 'build/js/index.js', train: 'build/js/train.js', data: 'build/js/data.js' };

/** What `.` and `./train` share is one file: every file more costs an import half a millisecond. */
const SHARED =
  /js\/(core\/(errors|argmax|normalization)|platform\/(builtin|threads)|wasm\/(binary|kernels|text)|format\/(?!.*write)\S+)\.js$/;

/**
 * V8 compiles functions one by one, each when it is called first, but those in parentheses with the module, in one pass. What `.` consists of is called by
 * every first prediction: that comes 3 ms of 11 sooner in Node 24, for 2 ms more of import.
 */
const eager = {
  name: 'eager',
  renderChunk(code, { name }) {
    if (!['index', 'model', 'shared'].includes(name)) return null;
    let eager = '';
    let at = 0;
    for (const { type, id, start, end } of this.parse(code).body) {
      if (type !== 'FunctionDeclaration') continue;
      eager += `${code.slice(at, start)}const ${id.name} = (${code.slice(start, end)});`;
      at = end;
    }
    return { code: eager + code.slice(at), map: null };
  },
};

const output = (dir, options = {}) => ({
  dir,
  format: 'es',
  chunkFileNames: 'chunks/[name].js',
  manualChunks: (id) => (SHARED.test(id) ? 'shared' : undefined),
  ...options,
});

const main = {
  input: {
    ...library,
    kernels: 'build/js/kernels.js',
    cli: 'build/js/cli/main.js',
    'platform/node': 'build/js/platform/node.js',
    'platform/web': 'build/js/platform/web.js',
    'wasm/inference': 'build/wasm/inference.js',
    'wasm/training': 'build/wasm/training.js',
    'wasm/methods': 'build/wasm/methods.js',
    'wasm/kernels': 'build/wasm/kernels.js',
  },
  output: output('dist', { banner: ({ isEntry, name }) => (isEntry && BANNERS[name]) || '' }),
  plugins: [
    internal({ id: '#platform', external: true }, embedded),
    nodeResolve({ exportConditions: ['node'], preferBuiltins: true }),
    commonjs(),
    licenses,
    eager,
  ],
  onwarn(warning, warn) {
    if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids?.every((id) => id.includes('node_modules'))) return;
    warn(warning);
  },
};

const workerd = {
  input: { ...library, kernels: 'build/js/kernels-workerd.js' },
  output: output('dist/workerd'),
  plugins: [
    internal(path('./build/js/platform/web.js'), imported, { builtin: path('./build/js/platform/builtin-none.js') }),
    nodeResolve(),
    eager,
  ],
};

export default [main, workerd];
