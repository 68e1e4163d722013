// Builds the package: AssemblyScript -> build/wasm, TypeScript -> build/js and dist/types, rollup -> dist.
//   node scripts/build.mjs [--if-changed]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import zopfli from '@gfx/zopfli';
import asc from 'assemblyscript/asc';
import { rollup } from 'rollup';
import { encodeText } from './wasm-text.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

/** What an entry takes besides its target in asconfig.json, which refers to transforms by package name only. */
const OPTIONS = { kernels: ['--transform', './scripts/as-bind-transform.mjs'] };

/** Hash of everything the build reads. */
function fingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else hash.update(child).update(readFileSync(child));
    }
  };
  for (const folder of ['assembly', 'src', 'scripts']) visit(folder);
  for (const file of ['package.json', 'asconfig.json', 'tsconfig.json', 'rollup.config.js']) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

/** Compiles one AssemblyScript entry and embeds it, as text, in an ES module. */
async function compile(name) {
  const { error, stderr } = await asc.main([`assembly/${name}.ts`, '--target', name, ...(OPTIONS[name] ?? [])]);
  if (error) throw new Error(`asc ${name}: ${error.message}\n${stderr}`);
  const bytes = readFileSync(`build/wasm/${name}.wasm`);
  // Training starts in the background anyway. What is wanted at once comes as text that every host decodes at once.
  const text = name === 'training' || name === 'methods' ? Buffer.from(await deflate(bytes)).toString('base64') : encodeText(bytes);
  writeFileSync(`build/wasm/${name}.js`, `export default ${JSON.stringify(text)};\n`);
  const type = name === 'kernels' ? 'string' : 'string | WebAssembly.Module';
  writeFileSync(`build/wasm/${name}.d.ts`, `declare const embedded: ${type};\nexport default embedded;\n`);
  mkdirSync('dist/wasm', { recursive: true });
  writeFileSync(`dist/wasm/${name}.wasm`, bytes);
  return bytes.length;
}

/** Raw deflate as small as it gets: 4 to 5 % below zlib's best. */
function deflate(bytes) {
  return new Promise((resolve, reject) => {
    zopfli.deflate(bytes, { numiterations: 5 }, (error, packed) => (error ? reject(error) : resolve(packed)));
  });
}

function tsc() {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tsc failed\n${stdout}${stderr}`);
}

async function bundle() {
  const { default: configs } = await import('../rollup.config.js');
  for (const config of configs) {
    const build = await rollup(config);
    await build.write(config.output);
    await build.close();
  }
  chmodSync('dist/cli.js', 0o755);
}

const stamp = 'build/stamp';

async function build(current) {
  const start = performance.now();
  rmSync('dist', { recursive: true, force: true });
  rmSync('build', { recursive: true, force: true });
  mkdirSync('build/wasm', { recursive: true });
  const sizes = [];
  for (const name of ['inference', 'training', 'methods', 'kernels']) sizes.push(`${name}.wasm ${await compile(name)} bytes`);
  tsc();
  await bundle();
  writeFileSync(stamp, current);
  console.log(`built in ${((performance.now() - start) / 1000).toFixed(1)} s: ${sizes.join(', ')}`);
}

const current = fingerprint();
const fresh = existsSync('dist/index.js') && existsSync(stamp) && readFileSync(stamp, 'utf8') === current;
if (!(fresh && process.argv.includes('--if-changed'))) {
  try {
    await build(current);
  } catch (error) {
    console.error(error); // not uncaught: zopfli would print its own source then
    process.exit(1);
  }
}
