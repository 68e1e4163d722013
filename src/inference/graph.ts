/**
 * From a model file to operations whose shapes fit together, and to what members of an ensemble have of their own.
 *
 * @module
 */
import type { DtypeArray, Tensor } from '../format/dtypes.js';
import { formatError, formatFailure } from '../format/format-error.js';
import { type Member, memberTensors, splitMembers } from '../format/members.js';
import { type HeaderOp, type ModelHeader, readModelHeader } from '../format/model-header.js';
import { readSafetensors } from '../format/safetensors.js';
import { type Activation, describe, planes } from './activation.js';
import type { BinaryKernel } from './binary-kernels.js';
import type { PreparedOp } from './op.js';
import { OpReader } from './op-reader.js';
import { OPS } from './ops/registry.js';
import { requireMemory } from './plan.js';

export interface GraphOp extends PreparedOp {
  readonly name: string;
  /** Names of its tensors. */
  readonly tensors: ReadonlySet<string>;
  /** Bytes of its tensors in the file; members count theirs. */
  readonly bytes: number;
}

export interface GraphMember {
  /** Bytes of its tensors in the file. */
  readonly bytes: number;
  /** Constants by the index of the operation, for operations that have tensors of the member's own; an array of the base's where it is shared. */
  readonly constants: ReadonlyMap<number, readonly DtypeArray[]>;
}

export interface Graph {
  readonly header: ModelHeader;
  /** The normalised image. */
  readonly input: Activation;
  /** The base network. Each takes the output of the one before; the last one gives the logits, f32 [1, 1, classes]. */
  readonly ops: readonly GraphOp[];
  /** The members of an ensemble, in the order of the file. */
  readonly members: readonly GraphMember[];
}

/** Reads and validates a model file. `kernelOf`: how operation i is computed if it is a binary convolution. */
export function readGraph(bytes: Uint8Array, kernelOf: (i: number) => BinaryKernel = () => 'lookup'): Graph {
  const { metadata, tensors } = readSafetensors(bytes);
  const header = readModelHeader(metadata);
  const { base, members } = splitMembers(tensors, header.members);
  const { height, width, channels } = header.input;
  const input = planes('f32', height, width, channels);
  const used = new Set<string>();
  let last = input;
  const ops = header.ops.map((headerOp, i): GraphOp => {
    const op = prepare(`ops[${i}]`, headerOp, base, last, kernelOf(i));
    last = op.output;
    for (const name of op.tensors) used.add(name);
    return { ...op, name: headerOp.name };
  });
  const classes = header.labels.length;
  if (last.kind !== 'f32' || last.height !== 1 || last.width !== 1 || last.channels !== classes)
    throw formatFailure('model output', describe(last), `f32 [1, 1, ${classes}], one logit per label`);
  for (const name of base.keys())
    if (!used.has(name)) throw formatFailure(`tensor ${JSON.stringify(name)}`, 'a tensor that no operation uses', 'used tensors only');
  return { header, input, ops, members: prepareMembers(header, input, ops, base, members, kernelOf) };
}

function prepare(
  where: string,
  headerOp: HeaderOp,
  tensors: ReadonlyMap<string, Tensor>,
  input: Activation,
  kernel: BinaryKernel,
): Omit<GraphOp, 'name'> {
  const prepareOp = OPS.get(headerOp.name);
  if (prepareOp === undefined) throw formatError(`${where} op`, headerOp.name, `one of ${[...OPS.keys()].join(', ')}`);
  const reader = new OpReader(`${where} ${headerOp.name}`, headerOp, tensors);
  const op = prepareOp(reader, input, kernel);
  reader.finish();
  return { ...op, tensors: reader.used, bytes: reader.bytes };
}

/** Operations with tensors of a member's own are prepared once more; shapes are the base's, hence all but the constants is, too. */
function prepareMembers(
  header: ModelHeader,
  input: Activation,
  ops: readonly GraphOp[],
  base: ReadonlyMap<string, Tensor>,
  members: readonly Member[],
  kernelOf: (i: number) => BinaryKernel,
): GraphMember[] {
  const own = members.map((member) => [...ops.keys()].filter((i) => [...ops[i].tensors].some((name) => member.has(name))));
  // Before anything is unpacked: a small file may claim a thousand members.
  const constantBytes = (i: number): number => ops[i].constants.reduce((sum, { byteLength }) => sum + byteLength, 0);
  requireMemory(own.flat().reduce((sum, i) => sum + constantBytes(i), 0));
  return members.map((member, m) => {
    const tensors = memberTensors(base, member);
    const prepared = own[m].map((i): [number, readonly DtypeArray[]] => {
      const op = prepare(`member ${m}: ops[${i}]`, header.ops[i], tensors, i === 0 ? input : ops[i - 1].output, kernelOf(i));
      return [i, op.constants];
    });
    const bytes = [...member.values()].reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
    return { bytes, constants: new Map(prepared) };
  });
}
