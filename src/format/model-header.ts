/**
 * The header of a model file: safetensors metadata `format` "bitgauss", `version` "1" and the JSON texts
 *
 *     input     {"height", "width", "channels", "mean": [channels], "std": [channels], "type": "u8" | "f32"}
 *     labels    ["...", ...]
 *     ops       [{"op": "...", attribute: number | string, ...}, ...]
 *     ensemble  {"members": number}, where the file holds an ensemble
 *
 * This module checks the header by itself; what an operation may say is checked where it lives (`inference/ops`).
 *
 * @module
 */
import { formatError, wholeNumber } from './format-error.js';
import { jsonObject, parseJson } from './json.js';

/** What a model takes: f32 numbers, or pixels p in 0..255 that become `(p / 255 - mean[c]) / std[c]`. */
export interface ModelInput {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly type: 'u8' | 'f32';
}

export interface HeaderOp {
  readonly name: string;
  /** Everything but `op`. */
  readonly attributes: ReadonlyMap<string, string | number>;
}

export interface ModelHeader {
  readonly input: ModelInput;
  readonly labels: readonly string[];
  readonly ops: readonly HeaderOp[];
  /** Members of the ensemble; 0 where the file holds one network. */
  readonly members: number;
}

export const MODEL_FORMAT = 'bitgauss';
export const MODEL_VERSION = '1';
/** A side of the input, and the number of its channels. */
const MAX_SIDE = 65535;
export const MAX_MEMBERS = 4096;

export function readModelHeader(metadata: ReadonlyMap<string, string>): ModelHeader {
  const format = metadata.get('format');
  if (format !== MODEL_FORMAT) throw formatError('model format', format, `"${MODEL_FORMAT}": not a bitgauss model file`);
  const version = metadata.get('version');
  if (version !== MODEL_VERSION) throw formatError('model version', version, `"${MODEL_VERSION}"; a newer bitgauss may read this file`);
  return {
    input: readInput(readText(metadata, 'input')),
    labels: readLabels(readText(metadata, 'labels')),
    ops: readOps(readText(metadata, 'ops')),
    members: metadata.has('ensemble') ? readMembers(readText(metadata, 'ensemble')) : 0,
  };
}

function readText(metadata: ReadonlyMap<string, string>, key: string): unknown {
  const text = metadata.get(key);
  if (text === undefined) throw formatError(`model ${key}`, text, 'a JSON text in __metadata__');
  return parseJson(`model ${key}`, text);
}

function readInput(value: unknown): ModelInput {
  const fields = jsonObject('model input', value);
  const side = (name: string): number => wholeNumber(`model input ${name}`, fields.get(name), 1, MAX_SIDE);
  const channels = side('channels');
  const numbers = (name: string): number[] => {
    const values = fields.get(name);
    if (!Array.isArray(values) || values.length !== channels || !values.every(Number.isFinite))
      throw formatError(`model input ${name}`, values, `an array of ${channels} finite numbers, one per channel`);
    return values;
  };
  const std = numbers('std');
  if (!std.every((n) => n > 0)) throw formatError('model input std', std, 'numbers above 0');
  const type = fields.get('type');
  if (type !== 'u8' && type !== 'f32') throw formatError('model input type', type, '"u8" or "f32"');
  return { height: side('height'), width: side('width'), channels, mean: numbers('mean'), std, type };
}

function readLabels(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((label) => typeof label === 'string'))
    throw formatError('model labels', value, 'an array of one or more strings');
  return value;
}

function readOps(value: unknown): HeaderOp[] {
  if (!Array.isArray(value) || value.length === 0) throw formatError('model ops', value, 'an array of one or more operations');
  return value.map((op, i) => {
    const attributes = jsonObject(`ops[${i}]`, op);
    const name = attributes.get('op');
    if (typeof name !== 'string') throw formatError(`ops[${i}] op`, name, 'the name of an operation');
    attributes.delete('op');
    for (const [key, attribute] of attributes)
      if (typeof attribute !== 'string' && typeof attribute !== 'number')
        throw formatError(`ops[${i}] ${name}: ${key}`, attribute, 'a string or a number');
    return { name, attributes: attributes as Map<string, string | number> };
  });
}

function readMembers(value: unknown): number {
  const fields = jsonObject('model ensemble', value);
  for (const key of fields.keys()) if (key !== 'members') throw formatError('model ensemble', key, 'members only');
  return wholeNumber('model ensemble members', fields.get('members'), 1, MAX_MEMBERS);
}
