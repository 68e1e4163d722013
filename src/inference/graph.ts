/**
 * From a model file to operations whose shapes fit together.
 *
 * @module
 */
import { formatError, formatFailure } from '../format/format-error.js';
import { type ModelHeader, readModelHeader } from '../format/model-header.js';
import { readSafetensors } from '../format/safetensors.js';
import { type Activation, describe, planes } from './activation.js';
import type { PreparedOp } from './op.js';
import { OpReader } from './op-reader.js';
import { OPS } from './ops/registry.js';

export interface GraphOp extends PreparedOp {
  readonly name: string;
  /** Bytes of its tensors in the file. */
  readonly bytes: number;
}

export interface Graph {
  readonly header: ModelHeader;
  /** The normalised image. */
  readonly input: Activation;
  /** Each takes the output of the one before; the last one gives the logits, f32 [1, 1, classes]. */
  readonly ops: readonly GraphOp[];
}

/** Reads and validates a model file. */
export function readGraph(bytes: Uint8Array): Graph {
  const { metadata, tensors } = readSafetensors(bytes);
  const header = readModelHeader(metadata);
  const { height, width, channels } = header.input;
  const input = planes('f32', height, width, channels);
  const used = new Set<string>();
  let last = input;
  const ops = header.ops.map((headerOp, i): GraphOp => {
    const prepare = OPS.get(headerOp.name);
    if (prepare === undefined) throw formatError(`ops[${i}] op`, headerOp.name, `one of ${[...OPS.keys()].join(', ')}`);
    const reader = new OpReader(i, headerOp, tensors, used);
    const op = prepare(reader, last);
    reader.finish();
    last = op.output;
    return { ...op, name: headerOp.name, bytes: reader.bytes };
  });
  const classes = header.labels.length;
  if (last.kind !== 'f32' || last.height !== 1 || last.width !== 1 || last.channels !== classes)
    throw formatFailure('model output', describe(last), `f32 [1, 1, ${classes}], one logit per label`);
  for (const name of tensors.keys())
    if (!used.has(name)) throw formatFailure(`tensor ${JSON.stringify(name)}`, 'a tensor that no operation uses', 'used tensors only');
  return { header, input, ops };
}
