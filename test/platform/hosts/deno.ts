import type { Host } from './host.js';
import { programHost } from './program.js';

/** Without permissions: it may not read files, look at the environment or use the network, and is not asked. */
export const deno: Host = programHost({
  name: 'deno',
  path: 'deno/deno',
  args: ['run', '--no-prompt', '--no-remote', '--no-lock', '--quiet'],
});
