/**
 * One run of a comparison: `bitgauss train` in a process of its own, and the record it leaves.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { argumentError } from '../../core/errors.js';
import type { EpochEvent, StartEvent } from '../../train.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes, writeBytes } from '../files.js';
import { version } from '../version.js';
import { runName, type Spec } from './spec.js';

export interface Quality {
  accuracy: number;
  loss: number;
  calibrationError: number;
}

/** `<name>.json`. */
export interface RunRecord {
  bitgauss: string;
  /** Row of the table, and its method. */
  spec: string;
  method: string;
  seed: number;
  /** What `bitgauss train` was given. */
  args: readonly string[];
  machine: { cpu: string; cores: number; runtime: string; jobs: number; threads: number };
  epochs: Omit<EpochEvent, 'type'>[];
  /** The epoch that validation chose. */
  keptEpoch: number;
  /** Of the test set, by the mode; null without a test set. */
  mode: Quality | null;
  /** And by the mean logits of sampled networks; null for methods without noise. */
  ensemble: Quality | null;
  /** Of training steps, without evaluation. */
  secondsPerEpoch: number;
  /** Largest resident memory of the process, bytes. */
  peakMemory: number;
}

export interface Grid {
  directory: string;
  /** Arguments of all runs. */
  common: readonly string[];
  jobs: number;
}

/** Last line of `bitgauss train --json`. */
interface Done {
  testAccuracy: number | null;
  testLoss?: number;
  testCalibrationError?: number;
  ensembleAccuracy: number | null;
  ensembleLoss?: number;
  ensembleCalibrationError?: number;
  epoch: number;
  peakMemory: number;
}

/** Processes at work. */
const children = new Set<ChildProcess>();

/** Ends all of them as an interrupt would: each saves what it has. */
export function interruptRuns(): void {
  for (const child of children) child.kill('SIGINT');
}

/** The record of a run that is done; undefined where there is none. Throws where it had other options. */
export function finishedRun(grid: Grid, spec: Spec, seed: number): RunRecord | undefined {
  const path = join(grid.directory, `${runName(spec, seed)}.json`);
  if (!existsSync(path)) return undefined;
  const record = readRecord(path);
  const args = argumentsOf(grid, spec, seed);
  if (JSON.stringify(record.args) !== JSON.stringify(args))
    throw argumentError('--dir', grid.directory, `another place: ${path} is of a run with ${record.args.join(' ')}`);
  return record;
}

function readRecord(path: string): RunRecord {
  try {
    const record = JSON.parse(new TextDecoder().decode(readBytes(path))) as RunRecord;
    if (Array.isArray(record.args) && Array.isArray(record.epochs)) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Exit(EXIT.failed, `${path}: it is not the record of a run; remove it to repeat the run`);
}

function argumentsOf({ common }: Grid, { args }: Spec, seed: number): string[] {
  return [...common, ...args, '--seed', String(seed)];
}

/** Trains, or goes on where an earlier process stopped. */
export async function run(grid: Grid, spec: Spec, seed: number, onEpoch: (epoch: EpochEvent) => void): Promise<RunRecord> {
  const name = runName(spec, seed);
  const place = join(grid.directory, name);
  const args = argumentsOf(grid, spec, seed);
  const threads = grid.jobs === 1 ? 'auto' : String(Math.max(1, Math.floor(availableParallelism() / grid.jobs)));
  const files = ['--checkpoint', place, '--resume', '--out', `${place}.safetensors`];
  let start: StartEvent | undefined;
  let done: Done | undefined;
  const epochs: EpochEvent[] = [];
  await trainInProcess(['--threads', threads, ...args, ...files], (line) => {
    const event = line as unknown as { event: string };
    if (event.event === 'start') {
      start = line as unknown as StartEvent;
      epochs.push(...start.history);
    } else if (event.event === 'epoch') {
      epochs.push(line as unknown as EpochEvent);
      onEpoch(line as unknown as EpochEvent);
    } else if (event.event === 'done') done = line as unknown as Done;
  });
  if (start === undefined || done === undefined) throw new Error('it ended without a result');
  const { stepsPerEpoch, batchSize } = start;
  const record: RunRecord = {
    bitgauss: version(),
    spec: spec.text,
    method: spec.method,
    seed,
    args,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      runtime: `Node ${process.versions.node}`,
      jobs: grid.jobs,
      threads: start.threads,
    },
    epochs: epochs.map(withoutKind),
    keptEpoch: done.epoch,
    mode: quality(done.testAccuracy, done.testLoss, done.testCalibrationError),
    ensemble: quality(done.ensembleAccuracy, done.ensembleLoss, done.ensembleCalibrationError),
    secondsPerEpoch: epochs.reduce((sum, { imagesPerSecond }) => sum + (stepsPerEpoch * batchSize) / imagesPerSecond, 0) / epochs.length,
    peakMemory: done.peakMemory,
  };
  writeBytes(`${place}.json`, new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`));
  rmSync(place, { recursive: true, force: true }); // the checkpoint has done its service
  return record;
}

function withoutKind(event: EpochEvent & { event?: string }): Omit<EpochEvent, 'type'> {
  const { type: _, event: __, ...epoch } = event;
  return epoch;
}

function quality(accuracy: number | null, loss = Number.NaN, calibrationError = Number.NaN): Quality | null {
  return accuracy === null ? null : { accuracy, loss, calibrationError };
}

/** `bitgauss train … --json`; every line of its output. Throws with its last words where it fails. */
function trainInProcess(args: readonly string[], onLine: (line: Record<string, unknown>) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1], 'train', ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let rest = '';
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(JSON.parse(line));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      children.delete(child);
      if (code === EXIT.done) resolve();
      else if (code === EXIT.interrupted) reject(new Exit(EXIT.interrupted, 'interrupted'));
      else
        reject(
          new Exit(
            EXIT.failed,
            words
              .trim()
              .split('\n')
              .pop()
              ?.replace(/^bitgauss: /, '') ?? `exit code ${code}`,
          ),
        );
    });
  });
}
