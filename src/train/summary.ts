/**
 * What a network is made of and what its training takes: a table of its steps with shapes, parameters, bits, work and memory.
 *
 * @module
 */
import { formatBytes } from '../core/format-bytes.js';
import { alignTable } from '../core/table.js';
import type { GradientType } from '../nn/gradient-format.js';
import type { Sequential } from '../nn/sequential.js';
import { MEMORY_USES, type MemoryFigures, planMemory } from './memory.js';
import type { TrainingMethod } from './method.js';
import { ste } from './methods/ste.js';
import { adamw } from './optimizers/adamw.js';
import { muon } from './optimizers/muon.js';
import type { Optimizer } from './optimizers/optimizer.js';

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
  /** Bytes in training that belong to this step alone. */
  memory: MemoryFigures;
}

export interface ModelSummary {
  rows: SummaryRow[];
  total: { parameters: number; bits: number; macs: number; binaryMacs: number };
  /** Bytes in training that steps share: the batch and workspaces. */
  shared: MemoryFigures;
  /** Bytes in training: of the rows and what they share. */
  memory: MemoryFigures;
  /** Whether wasm32 can hold it: `train` refuses what it cannot. */
  fits: boolean;
  /** The tables as text. */
  text: string;
}

/** The training that memory is counted for. */
export interface SummaryOptions {
  /** Shape of one image. */
  input: { height: number; width: number; channels: number };
  /** Numbers of an image. Default 'u8'. */
  type?: 'u8' | 'f32';
  classes: number;
  /** Default 128. */
  batchSize?: number;
  /** Default 'int16'. */
  gradients?: GradientType;
  /** Default `ste()`. */
  method?: TrainingMethod;
  /** Of the latent weights. Default `muon()`. */
  optimizer?: Optimizer;
  /** Of everything else. Default `adamw()`. */
  realOptimizer?: Optimizer;
}

/** Lays the network out on paper; no memory is taken, so any size can be asked for. Throws for layers that do not fit together. */
export async function summary(model: Sequential, options: SummaryOptions): Promise<ModelSummary> {
  const { input, type = 'u8', classes, batchSize = 128, gradients = 'int16' } = options;
  const { method = ste(), optimizer = muon(), realOptimizer = adamw() } = options;
  const session = {
    model: method.model?.(model) ?? model,
    input: { shape: input, type },
    classes,
    batchSize,
    gradients,
    method,
    optimizer,
    realOptimizer,
  };
  const plan = planMemory(session);
  const rows = plan.network.steps.map((step, i): SummaryRow => {
    const { height, width, channels } = step.output.shape;
    const bits = step.parameters.reduce((sum, parameter) => sum + (parameter.kind === 'binary' ? parameter.size : 0), 0);
    const parameters = step.parameters.reduce((sum, { size }) => sum + size, 0);
    const { name, macs, binaryMacs } = step;
    return { name, outputShape: [height, width, channels], parameters, bits, macs, binaryMacs, memory: plan.steps[i].memory };
  });
  const sum = (key: 'parameters' | 'bits' | 'macs' | 'binaryMacs'): number => rows.reduce((total, row) => total + row[key], 0);
  const total = { parameters: sum('parameters'), bits: sum('bits'), macs: sum('macs'), binaryMacs: sum('binaryMacs') };
  const result = { rows, total, shared: plan.shared, memory: plan.total, fits: plan.fits };
  const title = `memory for a batch of ${batchSize}, ${method.name} with ${optimizer.name}, ${gradients} gradients`;
  const lines = [...workTable(result), '', title, '', ...memoryTable(result)];
  if (!plan.fits) lines.push('', 'more than the 4 GiB of wasm32: it cannot be trained with this batch');
  return { ...result, text: lines.join('\n') };
}

function workTable({ rows, total }: Pick<ModelSummary, 'rows' | 'total'>): string[] {
  return alignTable([
    ['layer', 'output', 'parameters', '1-bit', 'multiply-adds', '1-bit'],
    ...rows.map((row) => [row.name, row.outputShape.join('x'), ...[row.parameters, row.bits, row.macs, row.binaryMacs].map(String)]),
    ['total', '', ...[total.parameters, total.bits, total.macs, total.binaryMacs].map(String)],
  ]);
}

function memoryTable({ rows, shared, memory }: Pick<ModelSummary, 'rows' | 'shared' | 'memory'>): string[] {
  const columns: (keyof MemoryFigures)[] = [...MEMORY_USES, 'total'];
  const cells = (name: string, figures: MemoryFigures): string[] => [
    name,
    ...columns.map((use) => (figures[use] === 0 ? '-' : formatBytes(figures[use]))),
  ];
  const used = rows.filter((row) => row.memory.total > 0);
  return alignTable(
    [['layer', ...columns], ...used.map((row) => cells(row.name, row.memory)), cells('shared', shared), cells('total', memory)],
    1,
  );
}
