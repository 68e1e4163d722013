// Packs the package once for all examples.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bitgauss-pack-'));
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd, encoding: 'utf8' }),
  );
  provide('tarball', join(folder, filename));
  return () => rmSync(folder, { recursive: true });
}
