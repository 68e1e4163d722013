// An example as its users get it: a copy of its folder, with `bitgauss` installed from the packed tarball.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs dist, copies examples/<name> and installs its only dependency. Returns the folder. */
export function installExample(name: string): string {
  const folder = join(temporaryFolder(), name);
  cpSync(join(root, 'examples', name), folder, { recursive: true });
  const npm = (args: string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const [{ filename }] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root));
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (manifest.dependencies.bitgauss !== `^${version}`)
    throw new Error(`examples/${name}: depends on bitgauss ${manifest.dependencies.bitgauss}, expected ^${version}`);
  manifest.dependencies.bitgauss = `file:${filename}`;
  writeFileSync(path, JSON.stringify(manifest));
  npm(['install', '--no-audit', '--no-fund', '--offline', '--ignore-scripts'], folder);
  return folder;
}
