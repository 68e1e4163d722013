import { readFile } from 'node:fs/promises';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import url from '@rollup/plugin-url';

/** Puts the page beside the script. */
const page = {
  name: 'page',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'index.html', source: await readFile('index.html') });
  },
};

export default {
  input: 'app.js',
  output: { dir: 'dist/rollup', format: 'es' },
  plugins: [nodeResolve(), url({ include: ['**/*.safetensors'], limit: 0, fileName: '[name][extname]' }), terser(), page],
};
