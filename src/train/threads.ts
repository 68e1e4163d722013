/**
 * How many threads a run uses.
 *
 * @module
 */
import { platform } from '#platform';
import { argumentError, BitgaussError, requireInteger } from '../core/errors.js';
import type { Step } from '../nn/layer.js';

export const MAX_THREADS = 64;
/** Part of the best speed at which fewer threads are enough. */
const ENOUGH = 0.95;

export interface ThreadPlan {
  threads: number;
  /** Why there are not more, where the host has the cores; for reports. */
  reason?: string;
}

/** Throws unless `threads` is 'auto' or a number that this host can have. */
export function requireThreads(threads: number | 'auto'): void {
  if (threads === 'auto') return;
  if (typeof threads !== 'number') throw argumentError('threads', threads, `'auto' or a whole number from 1 to ${MAX_THREADS}`);
  requireInteger('threads', threads, 1, MAX_THREADS);
  const { reason } = platform.threads();
  if (threads > 1 && reason !== undefined)
    throw new BitgaussError('unsupported', `threads: got ${threads}, but ${reason}; use 'auto' or 1, which give the same result`);
}

/** 'auto': the host's cores, capped by what helps this network. */
export function planThreads(threads: number | 'auto', steps: readonly Step[]): ThreadPlan {
  requireThreads(threads);
  if (threads !== 'auto') return { threads };
  const { cores, reason } = platform.threads();
  return { threads: usefulThreads(steps, Math.min(cores, MAX_THREADS)), reason };
}

/** The smallest number of threads up to `cores` whose expected speed is within 5 % of the best: work items are dealt out whole. */
export function usefulThreads(steps: readonly Step[], cores: number): number {
  const kernels = steps.flatMap(({ macs, items }) => (items ?? []).map((count) => ({ macs, count })));
  const time = (threads: number): number => kernels.reduce((sum, { macs, count }) => sum + (macs * Math.ceil(count / threads)) / count, 0);
  const counts = Array.from({ length: Math.max(1, cores) }, (_, i) => i + 1);
  const best = Math.min(...counts.map(time));
  return counts.find((threads) => ENOUGH * time(threads) <= best) ?? 1;
}
