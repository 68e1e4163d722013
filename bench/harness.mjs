// Shared by all benchmarks: interleaved timing with medians, the machine's description, results as JSON.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/**
 * Times functions in turn, so that a slow moment hits all of them: `rounds` rounds after one of warm-up.
 * Returns { median, best, spread } in ms for each; spread = (90th - 10th percentile) / median.
 */
export function interleave(runs, rounds) {
  const names = Object.keys(runs);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) runs[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      runs[name]();
      times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarize(times[name])]));
}

export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: at(0.5), best: sorted[0], spread: (at(0.9) - at(0.1)) / at(0.5) };
}

/** What follows `name` on the command line. */
export function option(name, fallback) {
  return process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback;
}

export function machine() {
  return { node: process.version, v8: process.versions.v8, arch: process.arch, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
}

/** Writes bench/results/<name>.json: the figures with the command and the machine that made them. */
export function record(name, command, results) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name}.json`, folder);
  const temporary = new URL(`${name}.json.tmp`, folder);
  writeFileSync(
    temporary,
    `${JSON.stringify({ command, date: new Date().toISOString().slice(0, 10), machine: machine(), results }, null, 2)}\n`,
  );
  renameSync(temporary, file);
  console.log(`wrote bench/results/${name}.json`);
}
