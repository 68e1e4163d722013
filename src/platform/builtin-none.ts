/**
 * In the place of `builtin.ts` for Cloudflare Workers: what they carry of Node's modules are stand-ins, whose workers cannot be started.
 *
 * @module
 */

export function builtinModule(): undefined {
  return undefined;
}
