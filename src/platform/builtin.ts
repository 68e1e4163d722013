/**
 * Modules that a host has built in. Asked for at run time: an import would have to be resolved by every bundler and host.
 *
 * @module
 */

export interface Builtins {
  'node:worker_threads': typeof import('node:worker_threads');
  'node:zlib': typeof import('node:zlib');
}

/** The module, loaded at once; undefined on hosts without it. */
export function builtinModule<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(name);
}
