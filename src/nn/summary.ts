/**
 * What a network is made of: a table of its steps with shapes, parameters, bits, work and memory.
 *
 * @module
 */
import { Runtime } from '../core/runtime.js';
import { alignTable } from '../core/table.js';
import { Network } from './network.js';
import type { Sequential } from './sequential.js';

export interface SummaryRow {
  /** Layers that run as one step, by their first one's place and type. */
  name: string;
  /** [height, width, channels]. */
  outputShape: [number, number, number];
  /** Trainable numbers, and how many of them are single bits after training. */
  parameters: number;
  bits: number;
  /** Multiply-accumulates per image, and how many of them are between two signs. */
  macs: number;
  binaryMacs: number;
}

export interface ModelSummary {
  rows: SummaryRow[];
  total: { parameters: number; bits: number; macs: number; binaryMacs: number };
  /** Bytes of training memory for the batch size, without the method's and the optimizer's state. */
  memory: { parameters: number; gradients: number; activations: number; workspace: number };
  /** The table as text. */
  text: string;
}

export interface SummaryOptions {
  /** Shape of one image. */
  input: { height: number; width: number; channels: number };
  classes: number;
  /** Default 128. */
  batchSize?: number;
  /** Default 'int16'. */
  gradients?: 'int16' | 'f32';
}

/** Builds the network once to measure it. Throws for layers that do not fit together. */
export async function summary(model: Sequential, options: SummaryOptions): Promise<ModelSummary> {
  const { input, classes, batchSize = 128, gradients = 'int16' } = options;
  const runtime = await Runtime.create();
  const network = new Network(model, { shape: input, type: 'u8' }, classes, { runtime, batchSize, gradients, seed: 0 });
  const rows = network.steps.map((step): SummaryRow => {
    const { height, width, channels } = step.output.shape;
    const bits = step.parameters.reduce((sum, parameter) => sum + (parameter.kind === 'binary' ? parameter.size : 0), 0);
    const parameters = step.parameters.reduce((sum, { size }) => sum + size, 0);
    return { name: step.name, outputShape: [height, width, channels], parameters, bits, macs: step.macs, binaryMacs: step.binaryMacs };
  });
  const sum = (key: 'parameters' | 'bits' | 'macs' | 'binaryMacs'): number => rows.reduce((total, row) => total + row[key], 0);
  const total = { parameters: sum('parameters'), bits: sum('bits'), macs: sum('macs'), binaryMacs: sum('binaryMacs') };
  const bytes = runtime.arena.bytes;
  const memory = {
    parameters: bytes.get('parameters') ?? 0,
    gradients: bytes.get('gradients') ?? 0,
    activations: (bytes.get('activations') ?? 0) + (bytes.get('data') ?? 0),
    workspace: bytes.get('workspace') ?? 0,
  };
  return { rows, total, memory, text: table(rows, total, memory, batchSize) };
}

function table(rows: SummaryRow[], total: ModelSummary['total'], memory: ModelSummary['memory'], batchSize: number): string {
  const cells = [
    ['layer', 'output', 'parameters', '1-bit', 'multiply-adds', '1-bit'],
    ...rows.map((row) => [row.name, row.outputShape.join('x'), ...[row.parameters, row.bits, row.macs, row.binaryMacs].map(String)]),
    ['total', '', ...[total.parameters, total.bits, total.macs, total.binaryMacs].map(String)],
  ];
  const lines = alignTable(cells);
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const parts = Object.entries(memory).map(([name, bytes]) => `${name} ${mib(bytes)}`);
  lines.push(`memory for a batch of ${batchSize}, without optimizer: ${parts.join(', ')}`);
  return lines.join('\n');
}
