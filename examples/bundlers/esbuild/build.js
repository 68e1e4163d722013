import { build } from 'esbuild';

await build({
  entryPoints: ['app.js', 'index.html'],
  outdir: 'dist/esbuild',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.safetensors': 'file', '.html': 'copy' },
});
