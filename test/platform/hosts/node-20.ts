import type { Host } from './host.js';
import { programHost } from './program.js';

export const node20: Host = programHost({ name: 'node-20', path: 'node-20/bin/node' });
