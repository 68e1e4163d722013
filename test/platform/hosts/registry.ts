/**
 * The hosts that the package must run on.
 *
 * @module
 */
import { bun } from './bun.js';
import { chromium } from './chromium.js';
import { deno } from './deno.js';
import { firefox } from './firefox.js';
import type { Host } from './host.js';
import { node20 } from './node-20.js';
import { node22 } from './node-22.js';
import { node24 } from './node-24.js';
import { node26 } from './node-26.js';
import { workerd } from './workerd.js';

export const HOSTS: readonly Host[] = [node20, node22, node24, node26, deno, bun, workerd, chromium, firefox];

/** Those of them that are no packages. */
export const BROWSERS: readonly (Host & { package: string })[] = [chromium, firefox];
