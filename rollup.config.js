// Bundles what tsc emitted. The library entries share chunks. cli.js and kernels.js take in development dependencies, whose licence texts are listed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import license from 'rollup-plugin-license';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** `#platform` stays an import that the host resolves; where `#wasm/x` leads is said by `wasm`. */
const internal = (wasm) => ({
  name: 'internal',
  resolveId(source) {
    if (source === '#platform') return { id: source, external: true };
    if (source.startsWith('#wasm/')) return wasm(source.slice(6));
    return null;
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

const main = {
  input: {
    index: 'build/js/index.js',
    train: 'build/js/train.js',
    data: 'build/js/data.js',
    kernels: 'build/js/kernels.js',
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
  plugins: [internal(embedded), nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), licenses],
  onwarn(warning, warn) {
    if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids?.every((id) => id.includes('node_modules'))) return;
    warn(warning);
  },
};

/** For Cloudflare Workers. */
const workerd = {
  input: { kernels: 'build/js/kernels-workerd.js' },
  output: { dir: 'dist/workerd', format: 'es', chunkFileNames: 'chunks/[name].js' },
  plugins: [internal(imported), nodeResolve()],
};

export default [main, workerd];
