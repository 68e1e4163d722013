// Tables in README.md and docs are what bench/results says; the script that writes them, on a copy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function run(folder: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/bench-tables.mjs'), ...args], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('the tables of the repository are up to date', () => {
  expect(run(root, '--check')).toEqual({ status: 0, output: 'bench tables: up to date\n' });
});

describe('a copy of the repository', () => {
  const copy = mkdtempSync(join(tmpdir(), 'bitgauss-tables-'));
  for (const path of ['README.md', 'docs', 'bench/results', 'bench/tables.mjs', 'scripts/bench-tables.mjs'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  const readme = join(copy, 'README.md');
  afterAll(() => rmSync(copy, { recursive: true }));

  test('a figure that changed makes its table stale until it is written again', () => {
    const results = join(copy, 'bench/results/accuracy.json');
    const saved = JSON.parse(readFileSync(results, 'utf8'));
    saved.results[0].testAccuracy = 0.1234;
    writeFileSync(results, JSON.stringify(saved));
    const check = run(copy, '--check');
    expect(check.status).toBe(1);
    expect(check.output).toContain('README.md');
    expect(run(copy).status).toBe(0);
    expect(readFileSync(readme, 'utf8')).toContain('| 12.34 % |');
    expect(run(copy, '--check').status).toBe(0);
  });

  test.each([
    ['<!-- bench:nothing -->\n<!-- /bench -->', 'bench:nothing: no such table'],
    ['<!-- bench:accuracy -->\n', 'markers, expected each'],
    ['<!-- bench:training-none -->\n<!-- /bench -->', 'bench/results/training-none.json: no such file'],
  ])('%j is one clear error', (marker, message) => {
    writeFileSync(readme, marker);
    const { status, output } = run(copy, '--check');
    expect(status).toBe(1);
    expect(output).toContain(message);
  });
});
