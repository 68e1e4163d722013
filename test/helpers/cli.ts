// Runs the built command line as a user would.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function bitgauss(
  args: string[],
  options: { env?: Record<string, string>; onStart?: (child: ChildProcess) => void } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...options.env } });
    const run: Run = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      run.stdout += text;
    });
    child.stderr.on('data', (text) => {
      run.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...run, code }));
    options.onStart?.(child);
  });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bitgauss-test-'));
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
