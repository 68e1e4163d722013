import type { Host } from './host.js';
import { programHost } from './program.js';

export const node24: Host = programHost({ name: 'node-24', path: 'node-24/bin/node', aimMs: 5 });
