/**
 * Runs the package on every host, and the page in Chromium, and says what came of it: `npm run test:platforms`.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
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
import { type PageRow, runPage } from './page/run-page.js';
import { root } from './root.js';
import { runHost } from './run-host.js';
import { hostTable, pageTable } from './table.js';

const MODEL = join(root, 'examples/models/mnist-convnet.safetensors');

function readExpected(): Expected {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, 'test/platform', name), 'utf8'));
  return { ...(read('smoke.json') as Omit<Expected, 'kernels'>), kernels: read('kernels-smoke.json') as Expected['kernels'] };
}

/** What the reference host gives becomes what is expected. */
async function update(app: App): Promise<void> {
  const { smoke } = (await node24.run(app, 'smoke')) as FullReport;
  const models = Object.fromEntries(Object.entries(smoke.models).map(([run, hashes]) => [run, hashes[1]]));
  const file = join(root, 'test/platform/smoke.json');
  writeFileSync(file, JSON.stringify({ logits: smoke.logits, models }));
  execFileSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', file], { cwd: root });
  console.log('wrote test/platform/smoke.json');
}

interface Results {
  hosts: Row[];
  pages: PageRow[];
}

const failures = ({ hosts, pages }: Results): string[] => [...hosts, ...pages].flatMap((row) => row.failures);

/** Every row names its host; the one that ran them has no part in the figures. */
async function saveResults({ hosts, pages }: Results): Promise<void> {
  const { machine, record } = await import(join(root, 'bench/harness.mjs'));
  const { node, v8, ...where } = machine();
  const figures = (rows: readonly (Row | PageRow)[]): object[] => rows.map(({ failures, ...row }) => row);
  record('platforms', 'npm run test:platforms -- --save', { hosts: figures(hosts), pages: figures(pages) }, undefined, where);
}

async function runHosts({ hosts, update: updating, processes }: Settings, folder: string): Promise<Row[]> {
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
  console.log(`\n${hostTable(rows)}\n`);
  return rows;
}

async function runAll(settings: Settings, folder: string): Promise<Results> {
  const hosts = settings.hosts.length > 0 ? await runHosts(settings, folder) : [];
  const pages = settings.page ? await runPage() : [];
  if (pages.length > 0) console.log(`${pageTable(pages)}\n`);
  const results = { hosts, pages };
  if (settings.save && failures(results).length === 0) await saveResults(results);
  return results;
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
  return failures(await runAll(settings, folder)).length === 0 ? 0 : 1;
}

process.exitCode = await main();
