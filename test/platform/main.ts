/**
 * Runs the package on every host and says what came of it: `npm run test:platforms`.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { App } from './app.js';
import type { FullReport } from './apps/smoke.js';
import { parseArguments, type Settings, USAGE } from './arguments.js';
import { node24 } from './hosts/node-24.js';
import { HOSTS } from './hosts/registry.js';
import type { Expected, Row } from './judge.js';
import { root } from './root.js';
import { runHost } from './run-host.js';
import { printed } from './table.js';

const MODEL = join(root, 'examples/models/mnist-convnet.safetensors');

function readExpected(): Expected {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, 'test/platform', name), 'utf8'));
  return { ...(read('smoke.json') as Omit<Expected, 'kernels'>), kernels: read('kernels-smoke.json') as Expected['kernels'] };
}

/** What the reference host gives becomes what is expected. */
async function update(app: App): Promise<void> {
  const { smoke } = (await node24.run(app, 'smoke')) as FullReport;
  const models = Object.fromEntries(Object.entries(smoke.models).map(([run, hashes]) => [run, hashes[1]]));
  writeFileSync(join(root, 'test/platform/smoke.json'), `${JSON.stringify({ logits: smoke.logits, models }, null, 2)}\n`);
  console.log('wrote test/platform/smoke.json');
}

/** Every row names its host; the one that ran them has no part in the figures. */
async function saveRows(rows: readonly Row[]): Promise<void> {
  const { machine, record } = await import(join(root, 'bench/harness.mjs'));
  const { node, v8, ...where } = machine();
  const results = rows.map(({ failures, ...row }) => row);
  record('platforms', 'npm run test:platforms -- --save', results, undefined, where);
}

async function runAll({ hosts, save, update: updating, processes }: Settings, folder: string): Promise<Row[]> {
  const app = await App.create(join(folder, 'app'), readFileSync(MODEL));
  if (updating) await update(app);
  const expected = readExpected();
  const rows: Row[] = [];
  for (const host of hosts) {
    const begin = performance.now();
    const row = await runHost(host, app, expected, processes);
    console.log(`${row.failures.length === 0 ? 'ok    ' : 'FAILED'} ${host.name}, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
    rows.push(row);
  }
  console.log(`\n${printed(rows)}`);
  if (save && rows.every(({ failures }) => failures.length === 0)) await saveRows(rows);
  return rows;
}

async function main(): Promise<number> {
  let settings: Settings;
  try {
    settings = parseArguments(process.argv.slice(2), HOSTS);
  } catch (error) {
    console.error(`test:platforms: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bitgauss-platforms-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) process.on(signal, () => process.exit(128 + number));
  const rows = await runAll(settings, folder);
  return rows.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

process.exitCode = await main();
