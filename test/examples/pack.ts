// Packs the package once for all examples.
import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../helpers/cli.js';
import { pack } from '../helpers/example.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = temporaryFolder();
  provide('tarball', pack(folder));
  return () => rmSync(folder, { recursive: true });
}
