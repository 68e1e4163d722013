/**
 * `bitgauss train`: trains a network on a data set and writes the model file.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BitgaussError } from '../../core/errors.js';
import { datasetNames, loadDataset } from '../../data.js';
import {
  createMethod,
  createModel,
  createOptimizer,
  methodNames,
  modelNames,
  optimizerNames,
  train as startTraining,
  type Trainer,
  type TrainOptions,
} from '../../train.js';
import { EXIT, Exit } from '../exit.js';
import { requireWritable, writeBytes } from '../files.js';
import { integer, number } from '../options.js';
import { createReporter, percent, printJson } from '../reporter.js';

interface TrainFlags {
  model: string;
  data: string;
  dataDir?: string;
  method: string;
  rank: number;
  noiseScale: number;
  rowNormalize: boolean;
  clip?: number;
  optimizer: string;
  lr: number;
  realLr?: number;
  weightDecay: number;
  epochs: number;
  batch: number;
  validation?: number;
  limitBatches?: number;
  gradients: 'int16' | 'f32';
  seed: number;
  samples: number;
  export: 'mode' | 'sample';
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** Options that one method has and others do not. */
const OWNERS: Record<string, string> = { rank: 'vispa', noiseScale: 'vispa', rowNormalize: 'vispa', clip: 'ste' };

function oneThread(text: string): number {
  if (text.trim() !== '1') throw new InvalidArgumentError('Expected 1: this version trains on one thread.');
  return 1;
}

export function train(program: Command): Command {
  const command = program.command('train').description('Train a network and write one model file.');
  command
    .addOption(new Option('--model <name>', 'architecture').choices(modelNames()).default('convnet'))
    .addOption(new Option('--data <name>', 'data set').choices(datasetNames()).default('digits'))
    .option('--data-dir <path>', 'where data sets are (default: BITGAUSS_DATA, else bitgauss in the user cache directory)')
    .addOption(new Option('--method <name>', 'training method of the binary weights').choices(methodNames()).default('vispa'))
    .option('--rank <K>', 'vispa: rank of the covariance, 0 equals ste', integer(0, 64), 2)
    .option('--noise-scale <S>', 'vispa: squared ratio between factor and noise', number(1e-12), 100)
    .option('--row-normalize', 'vispa: normalise mean and factor after every update, as in the paper', false)
    .option('--clip <limit>', 'ste: latent weights stay within ± this (default: no clipping)', number(1e-12))
    .addOption(new Option('--optimizer <name>', 'optimizer of all parameters').choices(optimizerNames()).default('adamw'))
    .option('--lr <rate>', 'peak learning rate of the latent weights', number(0), 0.002)
    .option('--real-lr <rate>', 'peak learning rate of everything else (default: --lr)', number(0))
    .option('--weight-decay <x>', 'weight decay of all parameters', number(0), 0)
    .option('--epochs <n>', 'passes over the training set', integer(1), 10)
    .option('--batch <n>', 'images per step; multiples of 64 use memory and time best', integer(1, 65536), 128)
    .option('--validation <n>', 'samples held out to choose the best epoch, 0: none (default: a tenth)', integer(0))
    .option('--limit-batches <n>', 'end every epoch after this many steps', integer(1))
    .addOption(new Option('--gradients <type>', 'numbers of the backward pass of binary layers').choices(['int16', 'f32']).default('int16'))
    .option('--threads <n>', 'threads; this version trains on 1', oneThread, 1)
    .option('--seed <n>', 'the same seed gives the same bytes', integer(0), 0)
    .option('--samples <n>', 'members of the ensemble that is evaluated at the end, 0: none', integer(0), 10)
    .addOption(new Option('--export <what>', 'which weights the file holds').choices(['mode', 'sample']).default('mode'))
    .option('--out <file>', 'where the model is written', 'model.safetensors')
    .option('--json', 'one JSON object a line on stdout')
    .option('--quiet', 'only the result')
    .action((flags: TrainFlags) => {
      for (const [option, method] of Object.entries(OWNERS)) {
        if (command.getOptionValueSource(option) === 'cli' && flags.method !== method) {
          process.stderr.write(`warning: ${option} belongs to --method ${method} and has no effect on ${flags.method}\n`);
        }
      }
      return runTraining(flags);
    });
  return command;
}

async function runTraining(flags: TrainFlags): Promise<void> {
  requireWritable(flags.out);
  const data = await loadDataset(flags.data, { dataDir: flags.dataDir });
  const optimizer = createOptimizer(flags.optimizer, { weightDecay: flags.weightDecay });
  const options: TrainOptions = {
    model: ({ classes }) => createModel(flags.model, { classes }),
    data,
    method: createMethod(flags.method, {
      rank: flags.rank,
      noiseScale: flags.noiseScale,
      normalize: flags.rowNormalize ? 'row' : 'none',
      clip: flags.clip,
    }),
    optimizer,
    realOptimizer: optimizer,
    learningRate: flags.lr,
    realLearningRate: flags.realLr,
    epochs: flags.epochs,
    batchSize: flags.batch,
    validation: flags.validation,
    limitBatches: flags.limitBatches,
    gradients: flags.gradients,
    seed: flags.seed,
    samples: flags.samples,
    exportDraw: flags.export,
  };
  await trainToFile(options, flags);
}

/** Trains, reports, writes the file; on an interrupt, or when training fails, writes the best model so far. Returns the file's bytes. */
export async function trainToFile(options: TrainOptions, output: { out: string; json?: boolean; quiet?: boolean }): Promise<Uint8Array> {
  const reporter = createReporter({ json: output.json === true, quiet: output.quiet === true });
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Exit(EXIT.interrupted, ''));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  const trainer = startTraining({ ...options, signal: controller.signal });
  let started = false;
  try {
    for await (const event of trainer) {
      started = true;
      reporter.event(event);
      if (event.type !== 'done') continue;
      const model = trainer.exportModel();
      writeBytes(output.out, model);
      const { testAccuracy, ensembleAccuracy, imagesPerSecond, seconds, epoch } = event;
      if (output.json === true) {
        const rounded = { imagesPerSecond: Math.round(imagesPerSecond), seconds: Number(seconds.toFixed(2)) };
        printJson({
          event: 'done',
          testAccuracy: testAccuracy ?? null,
          ensembleAccuracy: ensembleAccuracy ?? null,
          ...rounded,
          epoch,
          model: output.out,
        });
      } else {
        const ensemble = ensembleAccuracy === undefined ? '' : `, ensemble ${percent(ensembleAccuracy)}`;
        const test = testAccuracy === undefined ? '' : `test accuracy ${percent(testAccuracy)}${ensemble}; `;
        process.stdout.write(
          `${test}${Math.round(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s; ${output.out}, ${model.length} bytes\n`,
        );
      }
      return model;
    }
  } catch (error) {
    reporter.stop();
    if (controller.signal.aborted) throw interrupted(trainer, output, started);
    if (!(error instanceof BitgaussError)) throw error; // the file could not be written: nothing more to save
    throw rescued(trainer, output.out, error);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', interrupt);
  }
  throw new Exit(EXIT.failed, 'training ended without a result');
}

/** Writes what was learned before an interrupt; nothing unfinished goes over a file that is there. */
function interrupted(trainer: Trainer, output: { out: string; json?: boolean }, started: boolean): Exit {
  const { keptEpoch } = trainer;
  const write = keptEpoch !== undefined || (started && !existsSync(output.out));
  if (write) writeBytes(output.out, trainer.exportModel());
  if (output.json === true) printJson({ event: 'interrupted', model: write ? output.out : null });
  if (!write) return new Exit(EXIT.interrupted, 'interrupted before the first epoch ended; nothing was written');
  const what = keptEpoch === undefined ? 'the untested weights of the first epoch are' : 'the best model so far is';
  return new Exit(EXIT.interrupted, `interrupted; ${what} in ${output.out}`);
}

/** Writes the kept epoch of a run that failed, if there is one and it is sound. */
function rescued(trainer: Trainer, out: string, error: BitgaussError): BitgaussError {
  if (trainer.keptEpoch === undefined) return error;
  try {
    writeBytes(out, trainer.exportModel());
  } catch {
    return error; // its weights have overflowed, too: the first error says why
  }
  return new BitgaussError(error.code, `${error.message}; the best model so far is in ${out}`);
}
