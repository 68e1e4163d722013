/**
 * Checkpoints: everything that a run needs to go on after an epoch as if it had never stopped, in one safetensors file.
 *
 *     state.<name>   F32: parameters, running statistics, latent weights, optimizer state
 *     kept.<name>    F32: the part of it that makes up a network, of the epoch that is kept so far
 *     run            JSON text: position, counters, what is kept, history, and the settings that must be the same when the run goes on
 *
 * Random numbers, the order of samples and augmentation are functions of (seed, epoch, step), so the position is all that is needed of them.
 *
 * @module
 */
import { platform } from '#platform';
import { BitgaussError } from '../core/errors.js';
import { readSafetensors } from '../format/safetensors.js';
import { type WritableTensor, writeSafetensors } from '../format/safetensors-write.js';
import type { EpochEvent } from './events.js';
import type { NamedBuffer } from './method.js';
import type { TrainingSession } from './session.js';

/** Where checkpoints are kept: a directory, or whatever a program offers. */
export interface CheckpointStore {
  /** For messages: the directory. */
  readonly name: string;
  /** The bytes of a file; undefined where there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Replaces a file as a whole: after a crash it is the old one or the new one. */
  write(file: string, bytes: Uint8Array): Promise<void>;
}

/** A directory on hosts with files; it is made when the first file is written. Files are written to a temporary name, synced and renamed. */
export function checkpointDirectory(path: string): CheckpointStore {
  return {
    name: path,
    read: (file) => platform.readFile(platform.joinPath(path, file)),
    write: (file, bytes) => platform.writeFile(platform.joinPath(path, file), bytes),
  };
}

/** What a run must have in common with the one it continues, by the names of the options. */
export type Fingerprint = Record<string, unknown>;

/** The epoch that is kept so far. `copy`: of `session.modelBuffers()`. */
export interface Kept {
  epoch: number;
  accuracy: number;
  copy: Float32Array[];
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
  requireSame(settings: Fingerprint): void;
}

/** The JSON text. */
interface Run extends Position {
  kept: { epoch: number; accuracy: number } | undefined;
  counters: Record<string, number>;
  settings: Fingerprint;
}

const FILE = 'checkpoint.safetensors';
const HISTORY = 'history.jsonl';
const FORMAT = 'bitgauss-checkpoint';

/** Saves a run after an epoch, and its history as JSON lines beside it. */
export async function saveCheckpoint(
  store: CheckpointStore,
  session: TrainingSession,
  settings: Fingerprint,
  position: Position,
  kept: Kept | undefined,
): Promise<void> {
  const tensors = new Map<string, WritableTensor>();
  const add = (prefix: string, { name, elements }: NamedBuffer, data: Float32Array): void => {
    tensors.set(`${prefix}.${name}`, { dtype: 'F32', shape: [elements], data });
  };
  for (const buffer of session.checkpointBuffers()) add('state', buffer, session.runtime.arena.f32(buffer.pointer, buffer.elements));
  if (kept !== undefined)
    session.modelBuffers().forEach((buffer, i) => {
      add('kept', buffer, kept.copy[i]);
    });
  const run: Run = { ...position, kept: kept && { epoch: kept.epoch, accuracy: kept.accuracy }, counters: session.counters(), settings };
  await store.write(FILE, writeSafetensors(tensors, { format: FORMAT, version: '1', run: JSON.stringify(run) }));
  await store.write(HISTORY, new TextEncoder().encode(position.history.map((event) => `${JSON.stringify(event)}\n`).join('')));
}

/** The run that a store holds; undefined if it is empty. */
export async function loadCheckpoint(store: CheckpointStore): Promise<Checkpoint | undefined> {
  const bytes = await store.read(FILE);
  if (bytes === undefined) return undefined;
  const { metadata, tensors } = readSafetensors(bytes);
  const where = `checkpoint ${store.name}`;
  const fail = (message: string): BitgaussError => new BitgaussError('data', `${where}: ${message}; use another directory`);
  const [format, version] = [metadata.get('format'), metadata.get('version')];
  if (format !== FORMAT || version !== '1') throw fail(`got format ${format} version ${version}, expected ${FORMAT} version 1`);
  const { kept, counters, settings, ...position } = JSON.parse(metadata.get('run') ?? '{}') as Run;
  const tensor = (prefix: string, { name, elements }: NamedBuffer): Float32Array => {
    const found = tensors.get(`${prefix}.${name}`);
    if (!(found?.data instanceof Float32Array) || found.data.length !== elements)
      throw fail(`tensor ${prefix}.${name}: got ${found?.data.length ?? 'none'}, expected ${elements} numbers of f32`);
    return found.data;
  };
  return {
    ...position,
    restore(session) {
      const buffers = session.checkpointBuffers();
      session.restore(
        buffers,
        buffers.map((buffer) => tensor('state', buffer)),
      );
      session.setCounters(counters);
      return kept && { ...kept, copy: session.modelBuffers().map((buffer) => tensor('kept', buffer)) };
    },
    requireSame(wanted) {
      for (const key of new Set([...Object.keys(settings), ...Object.keys(wanted)])) {
        const [saved, now] = [JSON.stringify(settings[key]), JSON.stringify(wanted[key])];
        if (saved !== now) {
          const detail = `${where}: its run has ${key} ${saved}, this one ${now}`;
          throw new BitgaussError('argument', `${detail}; use the same options to go on, or another directory`);
        }
      }
    },
  };
}
