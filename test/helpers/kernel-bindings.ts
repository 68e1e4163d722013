// bitgauss/kernels over both of its bindings: as-bind with the embedded bytes, the loader with the built module.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { instantiateEmbedded } from '../../src/kernels/as-bind.js';
import type { Instantiate } from '../../src/kernels/instance.js';
import { createKernels, type KernelFunctions } from '../../src/kernels/kernel-functions.js';
import { instantiateModule } from '../../src/kernels/loader.js';

const module = new WebAssembly.Module(readFileSync(fileURLToPath(new URL('../../dist/wasm/kernels.wasm', import.meta.url))));

export const BINDINGS: readonly (readonly [string, Instantiate])[] = [
  ['as-bind', instantiateEmbedded],
  ['the loader', () => instantiateModule(module)],
];

export const KERNELS: readonly (readonly [string, KernelFunctions])[] = BINDINGS.map(([name, instantiate]) => [
  name,
  createKernels(instantiate),
]);
