// Runs a reference benchmark beside ours, in the same minute: its folder is copied, compiled with our compiler, and run.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Standard output of `<name>.bench.mjs` in `folder`, which reads `<name>.wasm`, made from `<name>.ts` and `lookup.ts`. pages: initial memory. */
export function runReference(folder, name, pages, args) {
  const copy = mkdtempSync(join(tmpdir(), 'bitgauss-reference-'));
  for (const file of [`${name}.ts`, 'lookup.ts', `${name}.bench.mjs`]) cpSync(join(folder, file), join(copy, file));
  const asc = fileURLToPath(new URL('../node_modules/assemblyscript/bin/asc.js', import.meta.url));
  const flags = [
    '-O3',
    '--noAssert',
    '--converge',
    '--enable',
    'simd',
    '--runtime',
    'stub',
    '--initialMemory',
    String(pages),
    '-o',
    `${name}.wasm`,
  ];
  const built = spawnSync(process.execPath, [asc, `${name}.ts`, ...flags], { cwd: copy, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`reference: ${built.stderr}`);
  const { stdout } = spawnSync(process.execPath, [`${name}.bench.mjs`, ...args], { cwd: copy, encoding: 'utf8' });
  rmSync(copy, { recursive: true });
  return stdout;
}
