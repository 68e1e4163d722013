import type { Host } from './host.js';
import { programHost } from './program.js';

export const node26: Host = programHost({ name: 'node-26', path: 'node-26/bin/node' });
