// Bundles what tsc emitted, twice. For every host: `#platform` stays an import that the host resolves, wasm is inline, in modules of its own. For
// Cloudflare Workers (`workerd`): wasm is imported as a module from dist/wasm, since they compile nothing from bytes. The entries share chunks; only
// cli.js takes in development dependencies, whose licence texts it lists.
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

const library = { index: 'build/js/index.js', train: 'build/js/train.js', data: 'build/js/data.js' };

/** The text of the wasm comes first in a bundle, in one piece: between modules it would spoil what gzip makes of them (1 % of the whole). */
const BANNERS = {
  cli: '#!/usr/bin/env node',
  index: "import './wasm/inference.js';",
  train: "import './wasm/training.js';",
};

const output = (dir, options = {}) => ({ dir, format: 'es', chunkFileNames: 'chunks/[name].js', ...options });

export default [
  {
    input: {
      ...library,
      cli: 'build/js/cli/main.js',
      'platform/node': 'build/js/platform/node.js',
      'platform/web': 'build/js/platform/web.js',
      'wasm/inference': 'build/wasm/inference.js',
      'wasm/training': 'build/wasm/training.js',
    },
    output: output('dist', { banner: ({ isEntry, name }) => (isEntry && BANNERS[name]) || '' }),
    plugins: [
      internal({ id: '#platform', external: true }, (name) => path(`./build/wasm/${name}.js`)),
      nodeResolve({ exportConditions: ['node'], preferBuiltins: true }),
      commonjs(),
      license({ thirdParty: { output: { file: path('./dist/cli.licenses.txt') } } }),
    ],
    onwarn(warning, warn) {
      if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids?.every((id) => id.includes('node_modules'))) return;
      warn(warning);
    },
  },
  {
    input: library,
    output: output('dist/workerd'),
    plugins: [
      internal(path('./build/js/platform/web.js'), (name) => ({ id: path(`./dist/wasm/${name}.wasm`), external: 'relative' }), {
        builtin: path('./build/js/platform/builtin-none.js'),
      }),
    ],
  },
];
