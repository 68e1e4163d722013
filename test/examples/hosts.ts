// Where the programs are that examples run on: installed by `npm run hosts:install`, as the tests of platforms use them.
import { HOSTS } from '../platform/hosts/registry.js';

/** Throws, and says how to get it, where it is missing. */
export function program(name: string): string {
  const host = HOSTS.find((host) => host.name === name);
  if (host === undefined) throw new Error(`host: got ${name}, expected one of ${HOSTS.map(({ name }) => name).join(', ')}`);
  return host.executable();
}
