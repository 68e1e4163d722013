/**
 * What the runs of a comparison say together: mean ± standard deviation over seeds, as Markdown and JSON.
 *
 * @module
 */
import { formatBytes } from '../../core/format-bytes.js';
import { publishedResult } from './published.js';
import type { Quality, RunRecord } from './run.js';

/** Over seeds. */
export interface Spread {
  mean: number;
  /** Of the sample (n - 1); null with one seed. */
  sd: number | null;
}

export interface Row {
  spec: string;
  seeds: number[];
  mode: Record<keyof Quality, Spread> | null;
  ensemble: Record<keyof Quality, Spread> | null;
  secondsPerEpoch: Spread;
  peakMemory: Spread;
  /** Mean validation accuracy after each evaluated epoch: [epoch, accuracy]. */
  curve: [number, number][];
  published: string | null;
}

export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

/** One row per spec, in the order of their first records. `model` and `data`: of all runs; a model that is not the published one has no name. */
export function tableOf(records: readonly RunRecord[], model: string, data: string): Row[] {
  return [...new Set(records.map(({ spec }) => spec))].map((spec) => {
    const runs = records.filter((record) => record.spec === spec);
    return {
      spec,
      seeds: runs.map(({ seed }) => seed),
      mode: qualities(runs.map(({ mode }) => mode)),
      ensemble: qualities(runs.map(({ ensemble }) => ensemble)),
      secondsPerEpoch: spread(runs.map(({ secondsPerEpoch }) => secondsPerEpoch)),
      peakMemory: spread(runs.map(({ peakMemory }) => peakMemory)),
      curve: curveOf(runs),
      published: publishedResult(model, data, runs[0].method) ?? null,
    };
  });
}

function qualities(all: readonly (Quality | null)[]): Row['mode'] {
  const known = all.filter((quality) => quality !== null);
  if (known.length < all.length) return null;
  const over = (key: keyof Quality): Spread => spread(known.map((quality) => quality[key]));
  return { accuracy: over('accuracy'), loss: over('loss'), calibrationError: over('calibrationError') };
}

function curveOf(runs: readonly RunRecord[]): [number, number][] {
  const [{ epochs }] = runs;
  return epochs.flatMap(({ epoch }): [number, number][] => {
    const values = runs.flatMap((run) => run.epochs[epoch]?.validationAccuracy ?? []);
    return values.length < runs.length ? [] : [[epoch + 1, spread(values).mean]];
  });
}

const HEAD = ['method', 'seeds', 'mode %', 'ensemble %', 'NLL', 'NLL ens.', 'ECE %', 'ECE ens. %', 's/epoch', 'memory', 'published %'];

/** `command`: how it was made. `records`: for the machine. Columns where nobody has anything are left out. */
export function markdown(rows: readonly Row[], command: string, records: readonly RunRecord[]): string {
  const cells = rows.map(({ spec, seeds, mode, ensemble, secondsPerEpoch, peakMemory, published }) => [
    `\`${spec}\``,
    String(seeds.length),
    text(mode?.accuracy, 2, 100),
    text(ensemble?.accuracy, 2, 100),
    text(mode?.loss, 3),
    text(ensemble?.loss, 3),
    text(mode?.calibrationError, 2, 100),
    text(ensemble?.calibrationError, 2, 100),
    secondsPerEpoch.mean.toFixed(1),
    formatBytes(peakMemory.mean),
    published ?? '',
  ]);
  const shown = HEAD.flatMap((_, column) => (cells.some((row) => row[column] !== '') ? [column] : []));
  const line = (row: readonly string[]): string => `| ${shown.map((column) => row[column]).join(' | ')} |`;
  const rule = HEAD.map((_, column) => (column === 0 ? '---' : '---:'));
  return [
    line(HEAD),
    line(rule),
    ...cells.map(line),
    '',
    `Test set; mean ± standard deviation over seeds; ${chosen(records)}. ${machineText(records)}`,
    ...(cells.some((row) => row.at(-1) !== '')
      ? ['Published figures are those of the authors, with their own recipes and budgets; nothing of them was measured here.']
      : []),
    '',
    `    ${command}`,
    '',
  ].join('\n');
}

function chosen(records: readonly RunRecord[]): string {
  const validated = records.some(({ epochs }) => epochs.some(({ validationAccuracy }) => validationAccuracy !== undefined));
  return validated ? 'epochs chosen on the validation split' : 'the last epoch';
}

function machineText(records: readonly RunRecord[]): string {
  const texts = records.map(
    ({ machine: { cpu, runtime, threads, jobs } }) =>
      `${runtime}, ${cpu}, ${threads} thread${threads === 1 ? '' : 's'} a run${jobs > 1 ? `, ${jobs} runs at once` : ''}`,
  );
  return `Times on ${[...new Set(texts)].join('; ')}.`;
}

function text(value: Spread | undefined, digits: number, factor: number = 1): string {
  if (value === undefined) return '';
  const { mean, sd } = value;
  return `${(factor * mean).toFixed(digits)}${sd === null ? '' : ` ± ${(factor * sd).toFixed(digits)}`}`;
}
