// bitgauss beside other runtimes: same machine, same minutes, one thread each; results are checked before anything is timed.
//   npm run bench -- compare [--install] [--only NAME,NAME] [--peers NAME,NAME] [--rounds N] [--budget SECONDS] [--limit SECONDS] [--quick] [--save]
// --install runs `npm ci` in bench/compare first. --only takes beginnings of task names ("conv", "mlp", "vgg-small x1"). --budget: seconds that the turns of
// one contestant may take in one task; --limit: seconds for one call, after which its process is ended.
// BITGAUSS_PYTHON=<interpreter with PyTorch> adds PyTorch, and VGG-Small's training step.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { option, record } from '../harness.mjs';
import { conduct } from './conduct.mjs';
import { Participant } from './participant.mjs';
import { TASKS } from './tasks.mjs';

const PEERS = ['tfjs-wasm', 'onnxruntime-web', 'jax-js', 'tfjs-cpu'];
/** A first call of this many seconds is the measurement. */
const ONCE_S = 120;

const quick = process.argv.includes('--quick');
const python = process.env.BITGAUSS_PYTHON;
const list = (name) => option(name)?.split(',');
const number = (name, fallback) => Number(option(name, String(fallback)));
const limitMs = 1000 * number('--limit', 900);
const settings = {
  rounds: number('--rounds', quick ? 3 : 15),
  budgetMs: 1000 * number('--budget', quick ? 1 : 10),
  onceMs: 1000 * ONCE_S,
};

const folder = fileURLToPath(new URL('.', import.meta.url));
if (process.argv.includes('--install')) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('bench compare: npm ci failed in bench/compare');
}
if (!existsSync(new URL('./node_modules', import.meta.url))) {
  console.error('bench compare: the other runtimes are not installed; run `npm ci` in bench/compare, or give --install');
  process.exit(2);
}

const only = list('--only');
const tasks = TASKS.filter(({ name }) => only === undefined || only.some((start) => name.startsWith(start)));
const wanted = list('--peers') ?? PEERS;
const unknown = wanted.filter((name) => !PEERS.includes(name));
const problem =
  unknown.length > 0
    ? `--peers ${unknown}, expected some of ${PEERS.join(', ')}`
    : `--only ${only}, expected beginnings of ${TASKS.map(({ name }) => name).join('; ')}`;
if (tasks.length === 0 || unknown.length > 0) {
  console.error(`bench compare: got ${problem}`);
  process.exit(2);
}

/** name -> starter of everyone who takes part in a task. */
function peersOf({ kind, peers }) {
  const names = ['bitgauss', ...wanted].filter((name) => peers === undefined || peers.includes(name));
  const starters = Object.fromEntries(names.map((name) => [name, () => Participant.node(name, limitMs)]));
  if (python === undefined || !['mlp', 'vgg', 'vgg-training'].includes(kind)) return starters;
  for (const threads of ['1', '2'])
    starters[`torch ${threads}`] = () => Participant.lines(python, [`${folder}torch_vgg.py`, '--threads', threads], limitMs);
  return starters;
}

function versions() {
  const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  return { bitgauss: json('../../package.json').version, ...json('./package.json').dependencies };
}

const three = (value) => Number(value.toPrecision(3));
const results = [];
for (const task of tasks) {
  const { name, macs, batch } = task;
  const peers = peersOf(task);
  if (Object.keys(peers).length < 2) continue;
  console.log(`\n${name}`);
  const rows = await conduct(task, peers, settings);
  const [{ coreMs: ours }] = rows;
  for (const row of rows) {
    const { coreMs, ms, spread, turns, callsPerTurn, error, once } = row;
    const figures = {};
    if (error === undefined) {
      figures.gmacs = three(macs / coreMs / 1e6);
      if (batch !== undefined) figures.imagesPerSecond = three((1000 * batch) / coreMs);
      if (ours !== undefined) figures.timesOurs = three(coreMs / ours);
    }
    results.push({ task: name, ...row, ...figures });
    const detail = once ? 'one call' : `by the clock ${ms} ms, spread ${Math.round(100 * spread)} %, ${turns} x ${callsPerTurn}`;
    const text = error ?? `${String(coreMs).padStart(9)} ms  ${figures.gmacs} GMAC/s  ${figures.timesOurs ?? '-'}x  (${detail})`;
    console.log(`  ${row.name.padEnd(40)} ${text}`);
  }
}
if (python === undefined)
  console.log(
    '\nPyTorch was not asked: BITGAUSS_PYTHON=<interpreter with PyTorch> npm run bench -- compare adds it, and VGG-Small training.',
  );
if (process.argv.includes('--save')) {
  const command = ['npm run bench -- compare', ...process.argv.slice(3).filter((word) => word !== '--save' && word !== '--install')].join(
    ' ',
  );
  record(`compare-node${process.versions.node.split('.')[0]}`, command, results, versions());
}
