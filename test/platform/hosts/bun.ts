import type { Host } from './host.js';
import { programHost } from './program.js';

/** The package calls its program .exe everywhere. */
export const bun: Host = programHost({ name: 'bun', path: 'bun/bin/bun', extension: '.exe' });
