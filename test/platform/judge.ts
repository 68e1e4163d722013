/**
 * What runs on a host say about it: a row of the table, and what is wrong, if anything.
 *
 * @module
 */
import type { Features } from '../../src/wasm/features.js';
import type { FullReport } from './apps/smoke.js';
import type { Host } from './hosts/host.js';
import type { SmokeReport } from './smoke.js';
import type { FirstReport } from './speed.js';

/** What every host must give, in smoke.json. */
export interface Expected {
  logits: SmokeReport['logits'];
  models: Record<string, string>;
  /** In kernels-smoke.json. */
  kernels: Record<string, string>;
}

export interface Row {
  host: string;
  version?: string;
  features?: string;
  /** Whether logits, trained models and results of single kernels are, bit for bit, what is expected. */
  bytesEqual: boolean;
  /** Medians over processes, ms. */
  firstMs?: number;
  loadMs?: number;
  predictMs?: number;
  processes?: number;
  aimMs?: number;
  predictionsPerSecond?: number;
  imagesPerSecond?: number;
  threads?: number;
  threadedImagesPerSecond?: number;
  failures: string[];
}

export function featureText({ simd, relaxedSimd, threads, threadsReason }: Features): string {
  const present = [simd && 'SIMD', relaxedSimd && 'relaxed SIMD', threads && 'threads'].filter((name) => name !== false);
  return threads ? present.join(', ') : `${present.join(', ')}; no threads: ${threadsReason}`;
}

/** What differs from `expected`, one sentence each. */
export function differences(
  { smoke: { features, logits, models }, kernels }: Pick<FullReport, 'smoke' | 'kernels'>,
  expected: Expected,
): string[] {
  const found: string[] = [];
  expected.logits.forEach((row, image) => {
    row.forEach((value, k) => {
      const got = logits[image]?.[k];
      if (!Object.is(got, value)) found.push(`logit ${k} of image ${image}: got ${got}, expected ${value}`);
    });
  });
  for (const [run, hash] of Object.entries(expected.models))
    for (const threads of features.threads ? [1, 2] : [1]) {
      const got = models[run]?.[threads];
      if (got !== hash)
        found.push(`the model of ${run} on ${threads} thread${threads > 1 ? 's' : ''}: got SHA-256 ${got}, expected ${hash}`);
    }
  for (const [name, value] of Object.entries(expected.kernels))
    if (kernels[name] !== value) found.push(`${name} of bitgauss/kernels: got ${kernels[name]}, expected ${value}`);
  return found;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** The row of a host that ran. */
export function judge(host: Host, version: string, firsts: readonly FirstReport[], report: FullReport, expected: Expected): Row {
  const { features } = report.smoke;
  const { speed } = report;
  const differing = differences(report, expected);
  const failures = differing.length > 3 ? [...differing.slice(0, 3), `and ${differing.length - 3} more differences`] : [...differing];
  if (!features.simd) failures.push('features: it says that there is no SIMD');
  if (features.threads !== host.threads)
    failures.push(`features: got ${featureText(features)}, expected ${host.threads ? 'threads' : 'no threads'}`);
  return {
    host: host.name,
    version,
    features: featureText(features),
    bytesEqual: differing.length === 0,
    firstMs: rounded(median(firsts.map(({ loadMs, predictMs }) => loadMs + predictMs))),
    loadMs: rounded(median(firsts.map(({ loadMs }) => loadMs))),
    predictMs: rounded(median(firsts.map(({ predictMs }) => predictMs))),
    processes: firsts.length,
    aimMs: host.aimMs,
    predictionsPerSecond: Math.round(speed.predictionsPerSecond),
    imagesPerSecond: Math.round(speed.imagesPerSecond),
    threads: speed.threaded?.threads,
    threadedImagesPerSecond: speed.threaded && Math.round(speed.threaded.imagesPerSecond),
    failures,
  };
}

/** The row of a host that did not. */
export function failed(host: Host, error: unknown, version?: string): Row {
  return { host: host.name, version, bytesEqual: false, failures: [error instanceof Error ? error.message : String(error)] };
}
