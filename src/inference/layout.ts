/**
 * Where everything of a model lies in wasm memory: constants one after the other, then buffers, which share addresses where their lives
 * do not meet.
 *
 * @module
 */
import { normalizationTable } from '../core/normalization.js';
import type { DtypeArray } from '../format/dtypes.js';
import type { Graph } from './graph.js';
import type { Addresses } from './op.js';
import { align64, type Lifetime, planBuffers } from './plan.js';

export interface OpMemory {
  /** Bytes of weights and other constants, those of members included. */
  readonly constants: number;
  /** Bytes of the output. Outputs share memory: their sum is more than a model needs. */
  readonly output: number;
  /** Bytes that are needed while the operation runs, shared likewise. */
  readonly workspace: number;
}

/** Addresses, and what they take. */
export interface Layout {
  readonly image: number;
  /** Normalised values of pixels. */
  readonly table: number;
  /** The normalised image, position 0 of channel 0. */
  readonly input: number;
  /** By operation: the base network, then the members. */
  readonly networks: readonly (readonly Addresses[])[];
  /** Operations before this one are the same for all networks; what comes out of them is kept while networks run. */
  readonly shared: number;
  /** The address of every constant, for the caller to fill in. */
  readonly constants: ReadonlyMap<DtypeArray, number>;
  readonly opMemory: readonly OpMemory[];
  readonly constantBytes: number;
  readonly bufferBytes: number;
}

/** `reserve` gives the address of that many bytes. */
export function layOut({ header, input, ops, members }: Graph, reserve: (bytes: number) => number): Layout {
  const { height, width, channels, mean, std, type } = header.input;
  /** Offsets first, addresses in the end. */
  const constants = new Map<DtypeArray, number>();
  let constantBytes = 0;
  /** Gives constants their places, an array that is there already none; returns the bytes added. */
  const place = (arrays: readonly DtypeArray[]): number => {
    const before = constantBytes;
    for (const values of arrays) {
      if (constants.has(values)) continue;
      constants.set(values, constantBytes);
      constantBytes += align64(values.byteLength);
    }
    return constantBytes - before;
  };
  const table = type === 'u8' ? normalizationTable(mean, std) : new Float32Array(0);
  place([table]);
  const opMemory = ops.map((op, i) => ({
    constants: [op.constants, ...members.map(({ constants }) => constants.get(i) ?? [])].reduce((sum, values) => sum + place(values), 0),
    output: align64(op.output.bytes),
    workspace: align64(op.workspaceBytes),
  }));

  // Step 0 normalises the image, step i + 1 runs operation i.
  const end = ops.length;
  const shared = members.reduce((first, { constants }) => Math.min(first, ...constants.keys()), ops.length);
  const buffers: Lifetime[] = [];
  /** Returns the index of the buffer. */
  const buffer = (bytes: number, first: number, last: number): number => buffers.push({ bytes, first, last }) - 1;
  const image = buffer(height * width * channels * 4, 0, 0);
  const xs: number[] = [];
  [input, ...ops.map(({ output }) => output)].forEach(({ bytes }, i) => {
    const last = i === shared ? end : i + 1;
    // What the networks have in common stays as it is.
    const inPlace = i > 0 && i - 1 !== shared && ops[i - 1].inPlace;
    xs.push(inPlace ? xs[i - 1] : buffer(bytes, i, last));
    buffers[xs[i]].last = last;
  });
  const workspaces = ops.map((op, i) => buffer(op.workspaceBytes, i + 1, i + 1));
  const plan = planBuffers(buffers);

  const begin = reserve(constantBytes + plan.bytes);
  for (const [values, offset] of constants) constants.set(values, begin + offset);
  const constantAt = (values: DtypeArray): number => constants.get(values)!;
  const bufferAt = (index: number): number => begin + constantBytes + plan.offsets[index];
  const base = ops.map(
    (op, i): Addresses => ({
      x: bufferAt(xs[i]) + (i === 0 ? input : ops[i - 1].output).offset,
      y: bufferAt(xs[i + 1]) + op.output.offset,
      constants: op.constants.map(constantAt),
      workspace: bufferAt(workspaces[i]),
    }),
  );
  const own = members.map(({ constants }) =>
    base.map((at, i) => {
      const values = constants.get(i);
      return values === undefined ? at : { ...at, constants: values.map(constantAt) };
    }),
  );
  return {
    image: bufferAt(image),
    table: constantAt(table),
    input: bufferAt(xs[0]) + input.offset,
    networks: [base, ...own],
    shared,
    constants,
    opMemory,
    constantBytes,
    bufferBytes: plan.bytes,
  };
}
