// The curves of a run: one row per batch, merged in pairs when there are too many for a screen.
import type { BatchEvent, EpochEvent, StartEvent } from 'bitgauss/train';

const MAX_ROWS = 1200;
/** Weight of what was before in a smoothed curve; as in TensorBoard, corrected for its start. */
const SMOOTHING = 0.92;

export type Cells = (number | null)[];

/** x: epochs done. `loss`, `accuracy`, `flips`: of training batches; `smooth…`: the same, smoothed; `held…`: on samples that are not trained on. */
export interface Columns {
  x: number[];
  loss: Cells;
  smoothLoss: Cells;
  heldLoss: Cells;
  accuracy: Cells;
  smoothAccuracy: Cells;
  heldAccuracy: Cells;
  flips: Cells;
  smoothFlips: Cells;
}

export type Column = Exclude<keyof Columns, 'x'>;

const MEANS = ['x', 'loss', 'accuracy', 'flips'] as const;
const LATEST = ['smoothLoss', 'smoothAccuracy', 'smoothFlips', 'heldLoss', 'heldAccuracy'] as const;

export class History {
  epochs = 0;
  columns: Columns = emptyColumns();
  #averages = { loss: new Average(), accuracy: new Average(), flips: new Average() };
  /** Batches that a full row stands for, and those in the last row. */
  #perRow = 1;
  #inLast = 1;

  start(event: StartEvent): void {
    this.epochs = event.epochs;
    this.columns = emptyColumns();
    this.#averages = { loss: new Average(), accuracy: new Average(), flips: new Average() };
    this.#perRow = 1;
    this.#inLast = 1;
  }

  batch({ epoch, batch, batches, loss, accuracy, flips }: BatchEvent): void {
    const means = { x: epoch + (batch + 1) / batches, loss, accuracy, flips: flips ?? null };
    const latest = {
      smoothLoss: this.#averages.loss.add(loss),
      smoothAccuracy: this.#averages.accuracy.add(accuracy),
      smoothFlips: flips === undefined ? null : this.#averages.flips.add(flips),
      heldLoss: null,
      heldAccuracy: null,
    };
    if (this.#inLast >= this.#perRow) {
      this.#push({ ...means, ...latest });
      this.#inLast = 1;
    } else {
      this.#merge({ ...means, ...latest }, this.columns.x.length - 1, this.#inLast);
      this.#inLast++;
    }
    if (this.columns.x.length > MAX_ROWS) this.#halve();
  }

  /** What an epoch's evaluation gave belongs to the row of its last batch. */
  epoch({ validationLoss, validationAccuracy, testAccuracy }: EpochEvent): void {
    const last = this.columns.x.length - 1;
    this.columns.heldLoss[last] = validationLoss ?? null;
    this.columns.heldAccuracy[last] = testAccuracy ?? validationAccuracy ?? null;
    this.#inLast = this.#perRow; // later batches begin a row of their own
  }

  get last(): { loss: number | null; accuracy: number | null; flips: number | null } {
    const { smoothLoss, smoothAccuracy, smoothFlips } = this.columns;
    const at = smoothLoss.length - 1;
    return { loss: smoothLoss[at] ?? null, accuracy: smoothAccuracy[at] ?? null, flips: smoothFlips[at] ?? null };
  }

  #push(row: Row): void {
    for (const name of [...MEANS, ...LATEST]) (this.columns[name] as Cells).push(row[name]);
  }

  /** Takes a row into row `at`, which stands for `weight` of its kind. */
  #merge(row: Row, at: number, weight: number): void {
    for (const name of MEANS) {
      const cells = this.columns[name] as Cells;
      const [mean, value] = [cells[at], row[name]];
      cells[at] = mean === null || value === null ? null : (mean * weight + value) / (weight + 1);
    }
    for (const name of LATEST) this.columns[name][at] = row[name] ?? this.columns[name][at];
  }

  /** Rows 2 i and 2 i + 1 become row i. */
  #halve(): void {
    const whole = this.columns;
    this.columns = emptyColumns();
    const row = (i: number): Row => Object.fromEntries([...MEANS, ...LATEST].map((name) => [name, whole[name][i]])) as unknown as Row;
    for (let i = 0; i < whole.x.length; i++) {
      if (i % 2 === 0) this.#push(row(i));
      else this.#merge(row(i), this.columns.x.length - 1, 1);
    }
    this.#inLast = whole.x.length % 2 === 0 ? 2 * this.#perRow : this.#perRow;
    this.#perRow *= 2;
  }
}

type Row = Record<(typeof MEANS)[number] | (typeof LATEST)[number], number | null>;

function emptyColumns(): Columns {
  return {
    x: [],
    loss: [],
    smoothLoss: [],
    heldLoss: [],
    accuracy: [],
    smoothAccuracy: [],
    heldAccuracy: [],
    flips: [],
    smoothFlips: [],
  };
}

/** An exponential average, as if it had no start: sum of w^age value / sum of w^age. */
class Average {
  #sum = 0;
  #weight = 0;

  add(value: number): number {
    this.#sum = SMOOTHING * this.#sum + value;
    this.#weight = SMOOTHING * this.#weight + 1;
    return this.#sum / this.#weight;
  }
}
