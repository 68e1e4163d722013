/**
 * Puts the hosts of scripts/hosts into the user's cache directory, and the browsers where apt may: `npm run hosts:install`. With `-- --browser chromium`
 * this browser alone.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { hostsDirectory, versionOf } from './hosts/host.js';
import { BROWSERS, HOSTS } from './hosts/registry.js';
import { root } from './root.js';

const LOCK = 'package-lock.json';

function run(command: string, args: readonly string[], cwd: string = root): void {
  console.log(`$ ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? `code ${status}`}`);
}

/** The lock file of what is there is written last: it says that all of it is. */
function installPackages(directory: string): void {
  const source = join(root, 'scripts/hosts');
  const done = join(directory, 'installed.json');
  if (existsSync(done) && readFileSync(done, 'utf8') === readFileSync(join(source, LOCK), 'utf8')) return;
  mkdirSync(directory, { recursive: true });
  rmSync(done, { force: true });
  for (const file of ['package.json', LOCK]) copyFileSync(join(source, file), join(directory, file));
  run('npm', ['ci', '--no-audit', '--no-fund'], directory);
  copyFileSync(join(source, LOCK), done);
}

/** Debian's packages, where this process may install them. */
function installBrowsers(browsers: readonly (typeof BROWSERS)[number][]): void {
  const missing = browsers.filter((browser) => {
    try {
      return browser.executable() === '';
    } catch {
      return true;
    }
  });
  const apt = ['/usr/bin/apt-get'].find((path) => existsSync(path));
  if (missing.length === 0 || apt === undefined || process.getuid?.() !== 0) return;
  run(apt, ['update', '-qq']);
  run(apt, ['install', '-y', '-qq', '--no-install-recommends', ...missing.map((browser) => browser.package)]);
}

function main(): number {
  const names = BROWSERS.map(({ name }) => name);
  const { browser: wanted = names } = parseArgs({ options: { browser: { type: 'string', multiple: true } } }).values;
  for (const name of wanted) if (!names.includes(name)) throw new Error(`--browser: got ${name}, expected one of ${names.join(', ')}`);
  installPackages(hostsDirectory());
  installBrowsers(BROWSERS.filter(({ name }) => wanted.includes(name)));
  let missing = 0;
  for (const host of HOSTS.filter(({ name }) => !names.includes(name) || wanted.includes(name))) {
    try {
      const program = host.executable();
      console.log(`${host.name.padEnd(10)} ${versionOf(program).padEnd(16)} ${program}`);
    } catch (error) {
      missing++;
      console.error(`${host.name.padEnd(10)} missing: ${(error as Error).message}`);
    }
  }
  return missing === 0 ? 0 : 1;
}

process.exitCode = main();
