// Shared by all benchmarks: interleaved timing with medians, the machine's description, results as JSON.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Calls are repeated at least this long before they are timed: V8 compiles a function anew when it has run for a while. */
const WARM_MS = 50;

/**
 * Times functions in turn, so that a slow moment hits all of them: `rounds` rounds after warming up.
 * Returns { median, best, spread } in ms for each; spread = (90th - 10th percentile) / median.
 */
export function interleave(runs, rounds) {
  const names = Object.keys(runs);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) {
    const start = performance.now();
    do runs[name]();
    while (performance.now() - start < WARM_MS);
  }
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

/** What a figure depends on. `load`: processes that wanted to run in the last minute, this one included; above 1 on one thread somebody disturbed. */
export function machine() {
  return {
    node: process.version,
    v8: process.versions.v8,
    arch: process.arch,
    os: `${platform()} ${release()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[0].toFixed(2)),
  };
}

/** Writes bench/results/<name>.json: the figures with the command, the machine and the versions of the packages that made them. */
export function record(name, command, results, versions = { bitgauss: ownVersion() }, where = machine()) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name}.json`, folder);
  const temporary = new URL(`${name}.json.tmp`, folder);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(temporary, `${JSON.stringify({ command, date, machine: where, versions, results }, null, 2)}\n`);
  renameSync(temporary, file);
  console.log(`wrote bench/results/${name}.json; node scripts/bench-tables.mjs brings the tables up to date`);
}

/** The version in package.json. */
export function ownVersion() {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
