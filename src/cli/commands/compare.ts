/**
 * `bitgauss compare`: the same network on the same data with several methods and seeds, one process a run, and a table of what came out.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type DataSplits, loadDataset } from '../../data.js';
import { train as checkedRun } from '../../train.js';
import { curvesSvg } from '../compare/curves.js';
import { finishedRun, type Grid, interruptRuns, type RunRecord, run } from '../compare/run.js';
import { parseSpecs, runName, type Spec } from '../compare/spec.js';
import { markdown, tableOf } from '../compare/table.js';
import { EXIT, Exit, reason } from '../exit.js';
import { requireWritable, writeBytes } from '../files.js';
import { integer } from '../options.js';
import { percent } from '../reporter.js';
import { addTrainOptions, inFlags, resolveFlags, type TrainFlags, trainOptions } from '../train-options.js';

interface CompareFlags {
  methods: string[];
  seeds: number[];
  jobs: number;
  dir: string;
}

/** Options of `bitgauss train` that a comparison sets itself. */
const OWN = ['--method', '--seed', '--out', '--checkpoint', '--resume', '--export', '--json', '--quiet', '--profile', '--log-gradients'];

export function compare(program: Command): Command {
  const seed = integer(0);
  return program
    .command('compare')
    .description('Train with several methods and seeds, and write a table: table.md, table.json, curves.svg, one JSON file a run.')
    .requiredOption('--methods <specs...>', "rows of the table: all, or methods with options of their own, such as 'vispa:rank=4'")
    .option('--seeds <n...>', 'runs of each row', (text: string, all: number[] = []) => [...all, seed(text)])
    .option('--jobs <n>', 'runs at once, with the cores divided among them', integer(1, 64), 1)
    .option('--dir <directory>', 'where everything is written; what is there already is not run again', 'compare')
    .usage('--methods <specs...> [--seeds <n...>] [options of train]')
    .addHelpText('after', `\nAll options of bitgauss train but ${OWN.join(', ')} are given to every run.`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: CompareFlags, command: Command) => {
      const specs = parseSpecs(flags.methods);
      const seeds = [...new Set(flags.seeds ?? [0])];
      const { args: common } = command;
      const grid: Grid = { directory: flags.dir, common, jobs: flags.jobs };
      requireOthers(common);
      const shared = parseTrain(common, program).flags;
      const data = await loadDataset(shared.data, { dataDir: shared.dataDir, labels: shared.labels });
      for (const spec of specs) check(spec, common, data, program);
      requirePlace(flags.dir);
      const runs = specs.flatMap((spec) => seeds.map((seed) => ({ spec, seed })));
      const records = await runAll(grid, runs);
      const published = (shared.width ?? 1) === 1 && (shared.activations ?? '1') === '1';
      const rows = tableOf(records, published ? shared.model : '', shared.data);
      const text = markdown(rows, commandLine(flags.methods, seeds, common), records);
      const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
      writeBytes(join(flags.dir, 'table.md'), encode(text));
      writeBytes(join(flags.dir, 'table.json'), encode(`${JSON.stringify(rows, null, 2)}\n`));
      if (rows.some(({ curve }) => curve.length > 0)) writeBytes(join(flags.dir, 'curves.svg'), encode(curvesSvg(rows)));
      process.stdout.write(text);
      if (records.length < runs.length)
        throw new Exit(EXIT.failed, `${runs.length - records.length} of ${runs.length} runs failed; the table has the others`);
    });
}

/** The options of train in `args`, and the command that parsed them. */
function parseTrain(args: readonly string[], program: Command): { flags: TrainFlags; command: Command } {
  const command = addTrainOptions(new Command('compare')).exitOverride().showSuggestionAfterError(false);
  command.configureOutput(program.configureOutput()).parse([...args], { from: 'user' });
  return { flags: command.opts<TrainFlags>(), command };
}

function requireOthers(args: readonly string[]): void {
  const own = args.find((arg) => OWN.includes(arg.replace(/=.*/, '')));
  if (own !== undefined) throw new Exit(EXIT.usage, `${own}: compare sets it itself; expected other options of train`);
}

/** Everything that a run would refuse at its start, and warnings about what has no effect, before any run. */
function check(spec: Spec, common: readonly string[], data: DataSplits, program: Command): void {
  requireOthers(spec.args.slice(2));
  const { flags: given, command } = parseTrain([...common, ...spec.args], program);
  const { flags, warnings } = resolveFlags(command, given, data);
  for (const warning of warnings) process.stderr.write(`warning: ${spec.text}: ${warning}\n`);
  try {
    checkedRun(trainOptions(flags, data));
  } catch (error) {
    throw new Exit(EXIT.usage, `${spec.text}: ${inFlags((error as Error).message)}`);
  }
}

function requirePlace(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${directory}: ${reason(error)}; choose another place with --dir`);
  }
  requireWritable(join(directory, 'table.md'), '--dir');
}

/** Records of the runs that succeeded, in the order of `runs`; the others say why on stderr. */
async function runAll(grid: Grid, runs: readonly { spec: Spec; seed: number }[]): Promise<RunRecord[]> {
  const records: (RunRecord | undefined)[] = runs.map(({ spec, seed }) => finishedRun(grid, spec, seed));
  const waiting = runs.map((_, i) => i).filter((i) => records[i] === undefined);
  if (waiting.length < runs.length) process.stderr.write(`${runs.length - waiting.length} of ${runs.length} runs were done before\n`);
  let interrupted: Exit | undefined;
  const interrupt = (): void => {
    interrupted = new Exit(EXIT.interrupted, `interrupted; the same command goes on with what is in ${grid.directory}`);
    interruptRuns();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const work = async (): Promise<void> => {
    for (let i = waiting.shift(); i !== undefined && interrupted === undefined; i = waiting.shift()) {
      const { spec, seed } = runs[i];
      const name = runName(spec, seed);
      try {
        const record = await run(grid, spec, seed, ({ epoch, epochs, loss, validationAccuracy }) => {
          const validation = validationAccuracy === undefined ? '' : `  validation ${percent(validationAccuracy)}`;
          process.stderr.write(`${name}  epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}${validation}\n`);
        });
        records[i] = record;
        const ensemble = record.ensemble === null ? '' : `, ensemble ${percent(record.ensemble.accuracy)}`;
        const test = record.mode === null ? '' : `: test ${percent(record.mode.accuracy)}${ensemble}`;
        process.stderr.write(`${name} done${test}; ${record.secondsPerEpoch.toFixed(1)} s/epoch\n`);
      } catch (error) {
        if (interrupted === undefined) process.stderr.write(`${name} failed: ${(error as Error).message}\n`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: grid.jobs }, work));
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  if (interrupted !== undefined) throw interrupted;
  return records.filter((record) => record !== undefined);
}

/** What makes the same table again. */
function commandLine(methods: readonly string[], seeds: readonly number[], common: readonly string[]): string {
  return ['bitgauss compare', ...common, '--methods', ...methods, '--seeds', ...seeds].join(' ');
}
