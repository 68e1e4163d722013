/**
 * `bitgauss train`: trains a network on a data set and writes the model file.
 *
 * @module
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { BitgaussError } from '../../core/errors.js';
import { loadDataset } from '../../data.js';
import { profileText, type Selection, train as startTraining, type Trainer, type TrainOptions } from '../../train.js';
import { EXIT, Exit, reason } from '../exit.js';
import { requireWritable, writeBytes } from '../files.js';
import { recipeWarnings } from '../recipes.js';
import { createReporter, percent, printJson } from '../reporter.js';
import { addTrainOptions, inFlags, resolveFlags, type TrainFlags, trainOptions } from '../train-options.js';

export function train(program: Command): Command {
  const command = program.command('train').description('Train a network and write one model file.');
  return addTrainOptions(command).action(async (given: TrainFlags) => {
    requireWritable(given.out);
    requirePlace(given);
    const data = await loadDataset(given.data, { dataDir: given.dataDir, labels: given.labels });
    const { flags, warnings } = resolveFlags(command, given, data);
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
    try {
      await trainToFile(trainOptions(flags, data), flags);
    } catch (error) {
      throw error instanceof BitgaussError ? new BitgaussError(error.code, inFlags(error.message), { cause: error }) : error;
    }
  });
}

/** The place of a checkpoint: a directory that can be written, and is not the place of the model. */
function requirePlace({ checkpoint, resume, out }: TrainFlags): void {
  if (checkpoint === undefined) {
    if (resume) throw new Exit(EXIT.usage, '--resume: expected --checkpoint <dir>, where the run was saved');
    return;
  }
  if (checkpoint.trim() === '') throw new Exit(EXIT.usage, '--checkpoint: got nothing, expected the name of a directory');
  try {
    mkdirSync(checkpoint, { recursive: true });
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${checkpoint}: ${reason(error)}; choose another place with --checkpoint`);
  }
  for (const file of ['checkpoint.safetensors', 'history.jsonl']) {
    const place = join(checkpoint, file);
    if (resolve(place) === resolve(out)) throw new Exit(EXIT.usage, `--out: got ${out}, where the run is saved; expected another file`);
    requireWritable(place, '--checkpoint');
  }
}

interface Output {
  out: string;
  recipe?: TrainFlags['recipe'];
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
      if (event.type === 'start')
        for (const warning of recipeWarnings(output.recipe, event.epochs)) process.stderr.write(`warning: ${warning}\n`);
      if (event.type !== 'done') continue;
      const model = await trainer.exportModel();
      writeBytes(output.out, model);
      const { testAccuracy, testLoss, testCalibrationError, imagesPerSecond, seconds, epoch, selection, profile } = event;
      const { ensembleAccuracy, ensembleLoss, ensembleCalibrationError } = event;
      if (output.json === true) {
        const rounded = { imagesPerSecond: Math.round(imagesPerSecond), seconds: Number(seconds.toFixed(2)) };
        printJson({
          event: 'done',
          testAccuracy: testAccuracy ?? null,
          ensembleAccuracy: ensembleAccuracy ?? null,
          ...rounded,
          ...{ testLoss, testCalibrationError, ensembleLoss, ensembleCalibrationError },
          peakMemory: process.resourceUsage().maxRSS * 1024,
          epoch,
          model: output.out,
          ...(selection === undefined ? {} : { selection }),
          ...(profile === undefined ? {} : { profile }),
        });
      } else {
        if (profile !== undefined) process.stdout.write(`${profileText(profile)}\n`);
        const ensemble = ensembleAccuracy === undefined ? '' : `, ensemble ${percent(ensembleAccuracy)}`;
        const test = testAccuracy === undefined ? '' : `test accuracy ${percent(testAccuracy)}${ensemble}; `;
        if (selection !== undefined) process.stdout.write(`${selectionText(selection)}\n`);
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

function selectionText({ sample, validationAccuracies }: Selection): string {
  const best = percent(validationAccuracies[sample]);
  return `sample ${sample} of ${validationAccuracies.length} is exported: validation ${best}, the worst ${percent(Math.min(...validationAccuracies))}`;
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
