/**
 * Modules that a host has built in. Asked for at run time: an import would have to be resolved by every bundler and host.
 *
 * @module
 */

/** The module, loaded at once; undefined on hosts without it. */
export function builtinModule(name: 'node:worker_threads'): typeof import('node:worker_threads') | undefined {
  return globalThis.process?.getBuiltinModule?.(name);
}
