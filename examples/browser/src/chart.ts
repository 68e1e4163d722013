// One chart: a faint line of batches, the same smoothed, and points of samples that are not trained on.
import uPlot from 'uplot';
import type { Cells, Column, History } from './history.js';
import { color } from './theme.js';

export interface ChartOptions {
  /** Text of a tick. */
  format: (value: number) => string;
  /** Highest value before there is a curve. */
  max: number;
  /** Whether it stays the highest; else the scale follows the curves. */
  fixed?: boolean;
}

/** A chart of no rows has no scales, one of a row without values has. */
const EMPTY: uPlot.AlignedData = [[0], [null], [null], [null]];
const FONT = '12px "Inter Variable", system-ui, sans-serif';

export class Chart {
  readonly #plot: uPlot;
  readonly #element: HTMLElement;
  #epochs = 1;
  readonly #fixed: boolean;
  #max: number;

  constructor(element: HTMLElement, { format, max, fixed = false }: ChartOptions) {
    this.#element = element;
    this.#max = max;
    this.#fixed = fixed;
    const axis: uPlot.Axis = {
      stroke: () => color('--muted'),
      font: FONT,
      grid: { stroke: () => color('--grid'), width: 1 },
      ticks: { show: false },
    };
    const series = (name: string, width: number, points?: uPlot.Series.Points): uPlot.Series => ({
      stroke: () => color(name),
      width,
      spanGaps: true,
      points: points ?? { show: false },
    });
    const options: uPlot.Options = {
      ...this.#size(),
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.#epochs] },
        y: { range: () => [0, this.#max] },
      },
      axes: [
        { ...axis, size: 28, gap: 4, space: 48, incrs: [1, 2, 5, 10, 20, 50, 100] },
        { ...axis, size: 46, gap: 6, space: 36, values: (_, ticks) => ticks.map(format) },
      ],
      series: [
        {},
        series('--line-faint', 1),
        series('--line', 2),
        series('--accent', 2, { show: true, size: 6, width: 0, fill: () => color('--accent') }),
      ],
    };
    this.#plot = new uPlot(options, EMPTY, element);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(element);
  }

  /** Draws these columns of a run. */
  set({ epochs, columns }: History, batches: Column, smooth: Column, held?: Column): void {
    const { x } = columns;
    this.#epochs = Math.max(1, epochs);
    const none = (): Cells => x.map(() => null);
    const curves: Cells[] = [columns[batches], columns[smooth], held === undefined ? none() : columns[held]];
    if (!this.#fixed && x.length > 0) this.#max = 1.05 * greatest(curves[1], curves[2]) || this.#max;
    this.#plot.setData(x.length === 0 ? EMPTY : [x, curves[0], curves[1], curves[2]]);
  }

  redraw(): void {
    this.#plot.redraw(false);
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(120, this.#element.clientWidth), height: this.#element.clientHeight };
  }
}

/** Of what is smoothed: single batches may leave the picture at the top. */
function greatest(...columns: Cells[]): number {
  return columns.flat().reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
}
