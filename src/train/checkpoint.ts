/**
 * Checkpoints: everything that a run needs to go on after an epoch as if it had never stopped, in one safetensors file.
 *
 *     state.<name>   F32, or I16 where an array has 16 bits: parameters, running statistics, latent weights, optimizer state
 *     kept.<name>    the part of it that makes up a network, of the epoch that is kept so far
 *     run            JSON text: position, counters, what is kept, history, and the settings that must be the same when the run goes on
 *
 * Random numbers, the order of samples and augmentation are functions of (seed, epoch, step), so the position is all that is needed of them.
 *
 * @module
 */
import { files } from '#platform';
import { BitgaussError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import { dataChecksum } from '../data/statistics.js';
import type { ExportInput } from '../export/export-model.js';
import { readSafetensors } from '../format/safetensors.js';
import { type WritableTensor, writeSafetensors } from '../format/safetensors-write.js';
import type { EpochEvent } from './events.js';
import type { NamedBuffer } from './method.js';
import type { Settings } from './options.js';
import type { StateArray, TrainingSession } from './session.js';

/** Where checkpoints are kept: whatever a program offers. */
export interface CheckpointStore {
  /** For messages: the directory. */
  readonly name: string;
  /** The bytes of a file; undefined where there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Replaces a file as a whole: after a crash it is the old one or the new one. */
  write(file: string, bytes: Uint8Array): Promise<void>;
}

/** Checkpoints in a store, as `train` takes them; a bundle that names none carries no code for them. */
export interface Checkpoints {
  /** That of the store. */
  readonly name: string;
  /** The run that the store holds; undefined if it is empty. Throws for anything else than a whole checkpoint. @internal */
  load(): Promise<Checkpoint | undefined>;
  /** Writes the history so far: a place that cannot be written is found before any work. @internal */
  begin(run: CheckpointedRun, history: readonly EpochEvent[]): Promise<CheckpointWriter>;
}

/** Checkpoints in a store of your own: a data base of the browser, say. */
export function checkpointStore(store: CheckpointStore): Checkpoints {
  return {
    name: store.name,
    load: () => loadCheckpoint(store),
    async begin(run, history) {
      const writer = new StoreWriter(store, run.session, fingerprintOf(run));
      await writer.writeHistory(history);
      return writer;
    },
  };
}

/** In a directory, on hosts with files; it is made when the first file is written. Files are written to a temporary name, synced and renamed. */
export function checkpointDirectory(path: string): Checkpoints {
  return checkpointStore({
    name: path,
    read: (file) => files.readFile(files.joinPath(path, file)),
    write: (file, bytes) => files.writeFile(files.joinPath(path, file), bytes),
  });
}

/** A run as its checkpoints see it. */
export interface CheckpointedRun {
  readonly settings: Settings;
  readonly session: TrainingSession;
  readonly training: Dataset;
  readonly input: ExportInput;
}

/** What a run must have in common with the one it continues, by the names of the options. */
type Fingerprint = Record<string, unknown>;

/** The epoch that is kept so far. `copy`: of `session.modelBuffers()`. */
export interface Kept {
  epoch: number;
  accuracy: number;
  copy: StateArray[];
}

export interface Position {
  /** Epochs that are done, and that the run has. */
  done: number;
  epochs: number;
  history: EpochEvent[];
  /** Of training steps, and of the whole run. */
  trainingSeconds: number;
  seconds: number;
}

export interface Checkpoint extends Position {
  /** Writes the saved state into a session and returns what is kept. Throws where it does not fit. */
  restore(session: TrainingSession): Kept | undefined;
  /** Throws unless the settings are those of the saved run. */
  requireSame(run: CheckpointedRun): void;
}

export interface CheckpointWriter {
  /** Saves the run after an epoch, and its history as JSON lines beside it. */
  save(position: Position, kept: Kept | undefined): Promise<void>;
}

/** The JSON text. */
export interface Run extends Position {
  kept: { epoch: number; accuracy: number } | undefined;
  counters: Record<string, number>;
  settings: Fingerprint;
}

const FILE = 'checkpoint.safetensors';
const HISTORY = 'history.jsonl';
const FORMAT = 'bitgauss-checkpoint';

/** Saves one run. Refuses to write over what another run has written to the same place since. */
class StoreWriter implements CheckpointWriter {
  readonly #store: CheckpointStore;
  readonly #session: TrainingSession;
  readonly #settings: Fingerprint;
  /** What this run wrote last. */
  #lines = '';

  constructor(store: CheckpointStore, session: TrainingSession, settings: Fingerprint) {
    this.#store = store;
    this.#session = session;
    this.#settings = settings;
  }

  async save(position: Position, kept: Kept | undefined): Promise<void> {
    const session = this.#session;
    const tensors = new Map<string, WritableTensor>();
    const add = (prefix: string, buffer: NamedBuffer, data: StateArray): void => {
      tensors.set(`${prefix}.${buffer.name}`, { dtype: dtypeOf(buffer), shape: [buffer.elements], data });
    };
    for (const buffer of session.checkpointBuffers()) add('state', buffer, session.view(buffer));
    if (kept !== undefined)
      session.modelBuffers().forEach((buffer, i) => {
        add('kept', buffer, kept.copy[i]);
      });
    const run: Run = {
      ...position,
      kept: kept && { epoch: kept.epoch, accuracy: kept.accuracy },
      counters: session.counters(),
      settings: this.#settings,
    };
    const found = await this.#store.read(HISTORY);
    if (found !== undefined && new TextDecoder().decode(found) !== this.#lines)
      throw new BitgaussError(
        'data',
        `checkpoint ${this.#store.name}: another run has written here since; give every run a place of its own`,
      );
    await this.#store.write(FILE, writeSafetensors(tensors, { format: FORMAT, version: '1', run: JSON.stringify(run) }));
    await this.writeHistory(position.history);
  }

  async writeHistory(history: readonly EpochEvent[]): Promise<void> {
    this.#lines = history.map((event) => `${JSON.stringify(event)}\n`).join('');
    await this.#store.write(HISTORY, new TextEncoder().encode(this.#lines));
  }
}

/** What is in a checkpoint's file. */
export interface CheckpointFile {
  run: Run;
  tensors: ReturnType<typeof readSafetensors>['tensors'];
}

/** Reads the bytes of `checkpoint.safetensors`. `where`: for messages. */
export function readCheckpoint(bytes: Uint8Array, where: string): CheckpointFile {
  const fail = failure(where);
  const { metadata, tensors } = attempt(fail, () => readSafetensors(bytes));
  const [format, version] = [metadata.get('format'), metadata.get('version')];
  if (format !== FORMAT || version !== '1') throw fail(`got format ${format} version ${version}, expected ${FORMAT} version 1`);
  const run = attempt(fail, () => JSON.parse(metadata.get('run') ?? '') as unknown);
  if (!isRun(run)) throw fail('its description of the run is damaged');
  return { run, tensors };
}

function failure(where: string): (message: string) => BitgaussError {
  return (message) => new BitgaussError('data', `${where}: ${message}; use another place`);
}

function dtypeOf({ type }: NamedBuffer): 'F32' | 'I16' {
  return type === 'i16' ? 'I16' : 'F32';
}

async function loadCheckpoint(store: CheckpointStore): Promise<Checkpoint | undefined> {
  const bytes = await store.read(FILE);
  if (bytes === undefined) return undefined;
  const where = `checkpoint ${store.name}`;
  const fail = failure(where);
  const { run, tensors } = readCheckpoint(bytes, where);
  const { kept, counters, settings, ...position } = run;
  const tensor = (prefix: string, buffer: NamedBuffer): StateArray => {
    const { name, elements } = buffer;
    const found = tensors.get(`${prefix}.${name}`);
    const dtype = dtypeOf(buffer);
    if (found?.dtype !== dtype || found.data.length !== elements)
      throw fail(`tensor ${prefix}.${name}: got ${found?.data.length ?? 'none'}, expected ${elements} numbers of ${dtype.toLowerCase()}`);
    return found.data as StateArray;
  };
  return {
    ...position,
    restore(session) {
      const missing = Object.keys(session.counters()).find((name) => !Number.isSafeInteger(counters[name]) || counters[name] < 0);
      if (missing !== undefined) throw fail(`counter ${missing}: got ${counters[missing]}, expected a whole number`);
      const buffers = session.checkpointBuffers();
      session.restore(
        buffers,
        buffers.map((buffer) => tensor('state', buffer)),
      );
      session.setCounters(counters);
      return kept && { ...kept, copy: session.modelBuffers().map((buffer) => tensor('kept', buffer)) };
    },
    requireSame(run) {
      const wanted = fingerprintOf(run);
      for (const key of new Set([...Object.keys(settings), ...Object.keys(wanted)])) {
        const [saved, now] = [settings[key], wanted[key]].map((value) => JSON.stringify(value));
        if (saved === now) continue;
        const detail = (saved ?? '').length + (now ?? '').length > 400 ? `another ${key}` : `${key} ${saved}, this one ${now}`;
        throw new BitgaussError('argument', `${where}: its run has ${detail}; use the same options to go on, or another place`);
      }
    },
  };
}

/** What decides the bytes of the result; of the data a checksum of some samples: a run goes on with the same. */
function fingerprintOf({ settings: all, session, training, input }: CheckpointedRun): Fingerprint {
  const { train, test, samples, logTest, exportDraw, model, ...settings } = all;
  const named = (part: { name: string; options: unknown } | undefined): unknown => part && [part.name, part.options];
  const { method, optimizer, realOptimizer, augmentation, clipNorm } = settings;
  return {
    ...settings,
    epochs: settings.timeBudget === undefined ? settings.epochs : undefined,
    model: [
      JSON.parse(JSON.stringify(model.layers, (key, value) => (key === 'kernels' ? undefined : value))), // binaries, and what was compiled of them
      session.network.steps.map((step) => [step.name, step.output.shape, step.parameters.map(({ size }) => size)]),
    ],
    data: [training.length, input, dataChecksum(training)],
    method: named(method),
    optimizer: named(optimizer),
    realOptimizer: named(realOptimizer),
    clipNorm: named(clipNorm),
    augmentation: named(augmentation),
  };
}

/** What `work` returns; what it throws as one clear error. */
function attempt<T>(fail: (message: string) => BitgaussError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fail(`it is damaged (${(error as Error).message})`);
  }
}

function isRun(value: unknown): value is Run {
  const run = value as Run;
  const isObject = (part: unknown): boolean => typeof part === 'object' && part !== null;
  const whole = (n: unknown, from: number, to: number): boolean => Number.isInteger(n) && (n as number) >= from && (n as number) <= to;
  return (
    isObject(run) &&
    whole(run.epochs, 1, Number.MAX_SAFE_INTEGER) &&
    whole(run.done, 1, run.epochs) &&
    Array.isArray(run.history) &&
    run.history.length === run.done &&
    Number.isFinite(run.trainingSeconds) &&
    Number.isFinite(run.seconds) &&
    isObject(run.counters) &&
    isObject(run.settings) &&
    (run.kept === undefined || (isObject(run.kept) && whole(run.kept.epoch, 0, run.done - 1) && Number.isFinite(run.kept.accuracy)))
  );
}
