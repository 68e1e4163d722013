import type { Host } from './host.js';
import { programHost } from './program.js';

export const node22: Host = programHost({ name: 'node-22', path: 'node-22/bin/node' });
