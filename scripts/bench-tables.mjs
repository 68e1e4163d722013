// Writes the tables of README.md and docs/*.md from bench/results, between <!-- bench:NAME --> and <!-- /bench -->.
//   node scripts/bench-tables.mjs [--check]
// --check writes nothing and fails where a table is not what the results say.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from '../bench/tables.mjs';

const root = new URL('../', import.meta.url);
const MARKED = /<!-- bench:(\S+) -->\n[\s\S]*?<!-- \/bench -->/g;

function read(name) {
  const file = new URL(`bench/results/${name}.json`, root);
  if (!existsSync(file)) throw new Error(`bench/results/${name}.json: no such file; a benchmark run with --save writes it`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const documents = ['README.md', ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);
const stale = [];
for (const path of documents) {
  const file = new URL(path, root);
  const text = readFileSync(file, 'utf8');
  const markers = text.match(/<!-- \/?bench/g) ?? [];
  const fresh = text.replaceAll(MARKED, (_, name) => `<!-- bench:${name} -->\n${table(name, read)}\n<!-- /bench -->`);
  const pairs = [...text.matchAll(MARKED)].length;
  if (markers.length !== 2 * pairs)
    throw new Error(`${path}: ${markers.length} bench markers, expected each <!-- bench:NAME --> to end with <!-- /bench -->`);
  if (fresh === text) continue;
  stale.push(path);
  if (!process.argv.includes('--check')) writeFileSync(fileURLToPath(file), fresh);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`bench tables: ${stale.join(', ')} differ from bench/results; run node scripts/bench-tables.mjs`);
  process.exit(1);
}
console.log(stale.length === 0 ? 'bench tables: up to date' : `bench tables: wrote ${stale.join(', ')}`);
