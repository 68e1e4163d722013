// An example as its users get it: a copy of its folder, with `bitgauss` installed from the packed tarball.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const npm = (args: string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Packs dist into `folder`; gives the path of the tarball. */
export function pack(folder: string): string {
  const [{ filename }] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root));
  return join(folder, filename);
}

/** What the repository ignores is no part of an example. */
const isPart = (path: string): boolean => !['node_modules', 'dist', 'package-lock.json'].includes(basename(path));

/** Copies examples/<name>, and examples/models beside it, and installs its dependencies. Gives its folder, alone in a temporary one. */
export function installExample(name: string, tarball: string = pack(temporaryFolder())): string {
  const parent = temporaryFolder();
  for (const part of [name, 'models']) {
    const source = join(root, 'examples', part);
    if (existsSync(source)) cpSync(source, join(parent, part), { recursive: true, filter: (path) => isPart(path.slice(source.length)) });
  }
  const folder = join(parent, name);
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  if (manifest.dependencies.bitgauss !== 'file:../..')
    throw new Error(`examples/${name}: depends on bitgauss ${manifest.dependencies.bitgauss}, expected file:../..`);
  manifest.dependencies.bitgauss = `file:${tarball}`;
  writeFileSync(path, JSON.stringify(manifest));
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'], folder);
  return folder;
}
