/**
 * `bitgauss train`: trains a network on a data set and writes the model file.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BitgaussError } from '../../core/errors.js';
import { augmentationNames, createAugmentation, datasetNames, loadDataset } from '../../data.js';
import {
  checkpointDirectory,
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
import { addModelOptions, type ModelFlags, modelOptions } from '../model-options.js';
import { duration, integer, number, realOptimizerOption } from '../options.js';
import { createReporter, percent, printJson } from '../reporter.js';

interface TrainFlags extends ModelFlags {
  model: string;
  data: string;
  dataDir?: string;
  labels?: 'fine' | 'coarse';
  augment?: string;
  normalize: 'measured' | 'imagenet';
  recipe: 'default' | 'reference';
  method: string;
  rank: number;
  noiseScale: number;
  noiseAnneal: number;
  rowNormalize: boolean;
  clip?: number;
  optimizer: string;
  realOptimizer: string;
  muonBlock: string;
  muonIterations: number;
  lr?: number;
  realLr: number;
  warmup: number;
  weightDecay: number;
  bnStatistics: 'running' | 'reestimate';
  epochs?: number;
  timeBudget?: number;
  checkpoint?: string;
  resume: boolean;
  batch: number;
  validation?: number;
  evalEvery: number;
  logTest: boolean;
  limitBatches?: number;
  gradients: 'int16' | 'f32';
  seed: number;
  samples: number;
  export: 'mode' | 'sample' | 'ensemble';
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** Options that one method has and others do not. */
const OWNERS: Record<string, string> = { rank: 'vispa', noiseScale: 'vispa', noiseAnneal: 'vispa', rowNormalize: 'vispa', clip: 'ste' };

function oneThread(text: string): number {
  if (text.trim() !== '1') throw new InvalidArgumentError('Expected 1: this version trains on one thread.');
  return 1;
}

export function train(program: Command): Command {
  const command = program.command('train').description('Train a network and write one model file.');
  command.addOption(new Option('--model <name>', 'architecture').choices(modelNames()).default('convnet'));
  addModelOptions(command)
    .addOption(new Option('--data <name>', 'data set').choices(datasetNames()).default('digits'))
    .option('--data-dir <path>', 'where data sets are (default: BITGAUSS_DATA, else bitgauss in the user cache directory)')
    .addOption(new Option('--labels <which>', 'cifar100: 100 fine or 20 coarse classes (default: fine)').choices(['fine', 'coarse']))
    .addOption(
      new Option('--augment <name>', "change training images anew in every epoch (default: the data set's own)").choices(
        augmentationNames(),
      ),
    )
    .addOption(
      new Option('--normalize <by>', 'mean and deviation: measured on the training split, or those of ImageNet')
        .choices(['measured', 'imagenet'])
        .default('measured'),
    )
    .addOption(
      new Option(
        '--recipe <name>',
        'reference: adamw for all parameters at 0.002, half an epoch of warm-up, ImageNet normalisation of colour images',
      )
        .choices(['default', 'reference'])
        .default('default'),
    )
    .addOption(new Option('--method <name>', 'training method of the binary weights').choices(methodNames()).default('vispa'))
    .option('--rank <K>', 'vispa: rank of the covariance, 0 equals ste', integer(0, 64), 2)
    .option('--noise-scale <S>', 'vispa: squared ratio between factor and noise', number(1e-12), 100)
    .option('--noise-anneal <share>', "vispa: share of the run's end over which the noise falls to nothing", number(0, 1), 0)
    .option('--row-normalize', 'vispa: normalise mean and factor after every update, as in the paper', false)
    .option('--clip <limit>', 'ste: latent weights stay within ± this (default: no clipping)', number(1e-12))
    .addOption(new Option('--optimizer <name>', 'optimizer of the latent weights').choices(optimizerNames()).default('adamw'))
    .addOption(realOptimizerOption())
    .addOption(
      new Option('--muon-block <n>', 'muon: output filters made orthogonal to each other').choices(['8', '16', '32']).default('32'),
    )
    .option('--muon-iterations <n>', 'muon: Newton-Schulz iterations', integer(0, 6), 2)
    .option(
      '--lr <rate>',
      'peak learning rate of the latent weights (default: 0.002 for adamw, 0.01 for nsgd and muon, 0.1 for sgd)',
      number(0),
    )
    .option('--real-lr <rate>', 'peak learning rate of everything else', number(0), 0.002)
    .option('--warmup <epochs>', 'epochs of linear warm-up, before half a cosine to 0', number(0), 0.5)
    .option('--weight-decay <x>', 'weight decay of all parameters', number(0), 0)
    .addOption(
      new Option('--bn-statistics <how>', 'batch norm in evaluation: running averages, or re-estimated on 40 training batches')
        .choices(['running', 'reestimate'])
        .default('running'),
    )
    .option('--epochs <n>', 'passes over the training set (default: 10)', integer(1))
    .option('--time-budget <time>', 'instead of --epochs: plan as many as fit, such as 90m, 2h or 600s', duration)
    .option('--checkpoint <dir>', 'save the run there after every epoch, with history.jsonl')
    .option('--resume', 'go on with the run in --checkpoint, or begin one', false)
    .option('--batch <n>', 'images per step; multiples of 64 use memory and time best', integer(1, 65536), 128)
    .option('--validation <n>', 'samples held out to choose the best epoch, 0: none (default: a tenth)', integer(0))
    .option('--eval-every <n>', 'evaluate after every n epochs, and after the last', integer(1), 1)
    .option('--log-test', 'evaluate the test set then, too, for the record; it selects nothing', false)
    .option('--limit-batches <n>', 'end every epoch after this many steps', integer(1))
    .addOption(new Option('--gradients <type>', 'numbers of the backward pass of binary layers').choices(['int16', 'f32']).default('int16'))
    .option('--threads <n>', 'threads; this version trains on 1', oneThread, 1)
    .option('--seed <n>', 'the same seed gives the same bytes', integer(0), 0)
    .option('--samples <n>', 'members of the ensemble that is evaluated at the end, 0: none', integer(0, 4096), 10)
    .addOption(
      new Option('--export <what>', 'what the file holds: the mode, one sample, or the mode and all --samples')
        .choices(['mode', 'sample', 'ensemble'])
        .default('mode'),
    )
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
  if (flags.resume && flags.checkpoint === undefined)
    throw new Exit(EXIT.usage, '--resume: expected --checkpoint <dir>, where the run was saved');
  const data = await loadDataset(flags.data, { dataDir: flags.dataDir, labels: flags.labels });
  const { weightDecay } = flags;
  const reference = flags.recipe === 'reference';
  const options: TrainOptions = {
    model: ({ classes }) => createModel(flags.model, { classes, ...modelOptions(flags) }),
    data,
    augmentation: flags.augment === undefined ? undefined : (createAugmentation(flags.augment) ?? 'none'),
    normalization: reference && data.train.shape.channels === 3 ? 'imagenet' : flags.normalize,
    method: createMethod(flags.method, {
      rank: flags.rank,
      noiseScale: flags.noiseScale,
      noiseAnneal: flags.noiseAnneal,
      normalize: flags.rowNormalize ? 'row' : 'none',
      clip: flags.clip,
    }),
    optimizer: createOptimizer(flags.optimizer, {
      weightDecay,
      block: Number(flags.muonBlock) as 8 | 16 | 32,
      iterations: flags.muonIterations,
    }),
    realOptimizer: createOptimizer(flags.realOptimizer, { weightDecay }),
    learningRate: flags.lr,
    realLearningRate: flags.realLr,
    warmup: flags.warmup,
    batchNormStatistics: flags.bnStatistics,
    epochs: flags.epochs,
    timeBudget: flags.timeBudget,
    checkpoint: flags.checkpoint === undefined ? undefined : checkpointDirectory(flags.checkpoint),
    resume: flags.resume,
    batchSize: flags.batch,
    validation: flags.validation,
    evaluateEvery: flags.evalEvery,
    logTest: flags.logTest,
    limitBatches: flags.limitBatches,
    gradients: flags.gradients,
    seed: flags.seed,
    samples: flags.samples,
    exportDraw: flags.export,
  };
  await trainToFile(options, flags);
}

interface Output {
  out: string;
  checkpoint?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Trains, reports, writes the file; on an interrupt, or when training fails, writes the best model so far. Returns the file's bytes. */
export async function trainToFile(options: TrainOptions, output: Output): Promise<Uint8Array> {
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
      const model = await trainer.exportModel();
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
    if (controller.signal.aborted) throw await interrupted(trainer, output, started);
    if (!(error instanceof BitgaussError)) throw error; // the file could not be written: nothing more to save
    throw await rescued(trainer, output.out, error);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', interrupt);
  }
  throw new Exit(EXIT.failed, 'training ended without a result');
}

/** Writes what was learned before an interrupt; nothing unfinished goes over a file that is there. */
async function interrupted(trainer: Trainer, output: Output, started: boolean): Promise<Exit> {
  const { keptEpoch } = trainer;
  const write = keptEpoch !== undefined || (started && !existsSync(output.out));
  if (write) writeBytes(output.out, await trainer.exportModel());
  if (output.json === true) printJson({ event: 'interrupted', model: write ? output.out : null });
  if (!write) return new Exit(EXIT.interrupted, 'interrupted before the first epoch ended; nothing was written');
  const what = keptEpoch === undefined ? 'the untested weights of the first epoch are' : 'the best model so far is';
  const goOn = output.checkpoint === undefined ? '' : `; go on with --checkpoint ${output.checkpoint} --resume`;
  return new Exit(EXIT.interrupted, `interrupted; ${what} in ${output.out}${goOn}`);
}

/** Writes the kept epoch of a run that failed, if there is one and it is sound. */
async function rescued(trainer: Trainer, out: string, error: BitgaussError): Promise<BitgaussError> {
  if (trainer.keptEpoch === undefined) return error;
  try {
    writeBytes(out, await trainer.exportModel());
  } catch {
    return error; // its weights have overflowed, too: the first error says why
  }
  return new BitgaussError(error.code, `${error.message}; the best model so far is in ${out}`);
}
