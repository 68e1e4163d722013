// Bundles what tsc emitted. The library entries share chunks; only cli.js takes in development dependencies, whose licence texts it lists.
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import license from 'rollup-plugin-license';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** `#wasm/x` is the generated module with the embedded binary; `#platform` stays an import that the host resolves. */
const internal = {
  name: 'internal',
  resolveId(source) {
    if (source === '#platform') return { id: source, external: true };
    if (source.startsWith('#wasm/')) return path(`./build/wasm/${source.slice(6)}.js`);
    return null;
  },
};

export default {
  input: {
    index: 'build/js/index.js',
    train: 'build/js/train.js',
    data: 'build/js/data.js',
    cli: 'build/js/cli/main.js',
    'platform/node': 'build/js/platform/node.js',
    'platform/web': 'build/js/platform/web.js',
  },
  output: {
    dir: 'dist',
    format: 'es',
    chunkFileNames: 'chunks/[name].js',
    banner: (chunk) => (chunk.name === 'cli' ? '#!/usr/bin/env node' : ''),
  },
  plugins: [
    internal,
    nodeResolve({ exportConditions: ['node'], preferBuiltins: true }),
    commonjs(),
    license({ thirdParty: { output: { file: path('./dist/cli.licenses.txt') } } }),
  ],
  onwarn(warning, warn) {
    if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids?.every((id) => id.includes('node_modules'))) return;
    warn(warning);
  },
};
