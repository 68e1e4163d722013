// Runs a TypeScript program of the repository: bundles what it imports from here, and starts it.
//   node scripts/run.mjs FILE [arguments]
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, , input] = process.argv;
process.chdir(root);
const bundle = await rolldown({
  input,
  platform: 'node',
  external: (id) => /^[^./]/.test(id) && !id.startsWith(root), // packages and modules of Node
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
});
const file = join(root, 'build/run', `${basename(input, '.ts')}.js`);
await bundle.write({ file, format: 'es' });
await bundle.close();
process.argv.splice(1, 2, file);
await import(pathToFileURL(file).href);
