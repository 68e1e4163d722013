// Installs an example as its user would, with the packed tarball for bitgauss, and starts its servers.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject, onTestFinished } from 'vitest';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

/** Bytes of the model that comes with the examples. */
export const modelBytes: Uint8Array = readFileSync(join(EXAMPLES, 'models/mnist-convnet.safetensors'));

export interface Example {
  readonly folder: string;
  /** Runs a command in its folder; gives what it writes to its standard output. Throws with both outputs where it fails. */
  run(command: string, ...args: string[]): string;
  remove(): void;
}

/** The example in a folder of its own, with the models beside it and its dependencies installed. */
export function installExample(name: string): Example {
  const root = mkdtempSync(join(tmpdir(), 'bitgauss-example-'));
  const folder = join(root, name);
  // What the repository ignores is no part of an example.
  const filter = (path: string): boolean => !['node_modules', 'dist', 'package-lock.json'].includes(basename(path));
  for (const part of [name, 'models']) cpSync(join(EXAMPLES, part), join(root, part), { recursive: true, filter });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  manifest.dependencies.bitgauss = `file:${inject('tarball')}`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const run = (command: string, ...args: string[]): string => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--no-package-lock');
  return { folder, run, remove: () => rmSync(root, { recursive: true }) };
}

export interface Server {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Starts a server, which runs until the test ends, and waits until it says its address. */
export async function startServer(
  folder: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Server> {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
  });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (data: unknown): void => {
      text += data;
      const [found] = text.match(/https?:\/\/[^\s/]+(?=[\s/])/) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${command} ${args.join(' ')}: ended without saying where it listens: ${text}`)));
  });
  return { process: child, url };
}
