// Installs an example, runs its commands and starts its servers.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { installExample as install } from '../helpers/example.js';

/** Bytes of the model that comes with the examples. */
export const modelBytes: Uint8Array = readFileSync(new URL('../../examples/models/mnist-convnet.safetensors', import.meta.url));

export interface Example {
  readonly folder: string;
  /** Runs a command in its folder; gives what it writes to its standard output. Throws with both outputs where it fails. */
  run(command: string, ...args: string[]): string;
  remove(): void;
}

/** The example with its dependencies, bitgauss from the tarball of this run. */
export function installExample(name: string): Example {
  const folder = install(name, inject('tarball'));
  return {
    folder,
    run: (command, ...args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }),
    remove: () => rmSync(dirname(folder), { recursive: true }),
  };
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
