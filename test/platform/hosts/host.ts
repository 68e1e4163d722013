/**
 * A host that the tests run the package on, and where its program is.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { files } from '../../../src/platform/node.js';
import type { App, Entry } from '../app.js';
import { root } from '../root.js';

export interface Host {
  readonly name: string;
  /** Whether it must offer threads. */
  readonly threads: boolean;
  /** The version that it must have, where the project chooses it. */
  readonly pinned?: string;
  /** Of load + first prediction, ms, where the project has one. */
  readonly aimMs?: number;
  /** The program. Throws, and says how to get it, where it is missing. */
  executable(): string;
  /** Runs an entry of the app in a new process, and gives its report. */
  run(app: App, entry: Entry): Promise<unknown>;
}

/** Where `npm run hosts:install` puts them: BITGAUSS_HOSTS, else a folder of the user's cache directory. */
export function hostsDirectory(): string {
  return process.env.BITGAUSS_HOSTS || join(files.cacheDirectory()!, 'bitgauss', 'hosts');
}

/** Packages and versions of scripts/hosts/package.json. */
export function pinnedVersion(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'scripts/hosts/package.json'), 'utf8'));
  const version = /[^@]+$/.exec(dependencies[name] ?? '')?.[0];
  if (version === undefined) throw new Error(`scripts/hosts/package.json: no ${name}, expected one of ${Object.keys(dependencies)}`);
  return version;
}

/** A program in the packages that were installed; `path` without the .exe that it has on Windows. */
export function installed(path: string, extension: string = process.platform === 'win32' ? '.exe' : ''): string {
  const file = join(hostsDirectory(), 'node_modules', `${path}${extension}`);
  if (!existsSync(file)) throw new Error(`${file}: no such file; npm run hosts:install puts it there`);
  return file;
}

/** What a program says of itself, from the first digit to the next blank. */
export function versionOf(executable: string): string {
  const text = execFileSync(executable, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const version = /\d[^\s]*/.exec(text)?.[0];
  if (version === undefined) throw new Error(`${executable} --version: got ${JSON.stringify(text)}, expected a version`);
  return version;
}
