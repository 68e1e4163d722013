// The run in figures and curves. Events come many times a second; the page is redrawn five times, a part in each frame: no task gets long.
import type { StartEvent, TrainEvent } from 'bitgauss/train';
import { Chart } from './chart.js';
import { count, element, percent, setText } from './dom.js';
import { History } from './history.js';
import { onThemeChange } from './theme.js';

const INTERVAL = 200;

export class RunView {
  readonly #history = new History();
  readonly #charts = {
    accuracy: new Chart(element('accuracy-chart'), { format: (value) => `${Math.round(100 * value)} %`, max: 1.02, fixed: true }),
    loss: new Chart(element('loss-chart'), { format: (value) => String(Number(value.toFixed(2))), max: 2.5 }),
    flips: new Chart(element('flips-chart'), { format: (value) => String(Number((1000 * value).toFixed(1))), max: 0.015 }),
  };
  #start: StartEvent | undefined;
  #progress = 0;
  #epoch = 0;
  #imagesPerSecond: number | undefined;
  /** Accuracy on images that are not trained on, and which these are. */
  #held: { share: number; note: string } | undefined;
  #drawing = false;

  constructor() {
    onThemeChange(() => {
      for (const chart of Object.values(this.#charts)) chart.redraw();
    });
  }

  take(event: TrainEvent, imagesPerSecond: number | undefined): void {
    this.#imagesPerSecond = imagesPerSecond;
    if (event.type === 'start') {
      this.#history.start(event);
      this.#start = event;
      this.#held = undefined;
      this.#progress = 0;
    }
    if (event.type === 'batch') {
      this.#history.batch(event);
      this.#epoch = event.epoch;
      this.#progress = (event.epoch + (event.batch + 1) / event.batches) / this.#history.epochs;
    }
    if (event.type === 'epoch') {
      this.#history.epoch(event);
      const share = event.testAccuracy ?? event.validationAccuracy;
      if (share !== undefined) this.#held = { share, note: `of ${this.#heldImages()} read right after epoch ${event.epoch + 1}` };
    }
    if (event.type === 'done' && event.testAccuracy !== undefined)
      this.#held = { share: event.testAccuracy, note: `of ${this.#heldImages()} read right by the network of epoch ${event.epoch + 1}` };
    if (!this.#drawing) this.#draw();
  }

  #heldImages(): string {
    const { test = 0, validation = 0 } = this.#start ?? {};
    return test > 0 ? `${count(test)} test images` : `${count(validation)} held-out images`;
  }

  async #draw(): Promise<void> {
    this.#drawing = true;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    const { accuracy, loss, flips } = this.#charts;
    const parts = [
      () => this.#showFigures(),
      () => accuracy.set(this.#history, 'accuracy', 'smoothAccuracy', 'heldAccuracy'),
      () => loss.set(this.#history, 'loss', 'smoothLoss', 'heldLoss'),
      () => flips.set(this.#history, 'flips', 'smoothFlips'),
    ];
    this.#drawing = false; // what comes from here on is drawn next time
    for (const part of parts) {
      await new Promise(requestAnimationFrame);
      part();
    }
  }

  #showFigures(): void {
    const { columns, epochs, last } = this.#history;
    const begun = columns.x.length > 0;
    for (const empty of document.querySelectorAll<HTMLElement>('.chart-empty')) empty.hidden = begun;
    element('accuracy').classList.toggle('none', !begun);
    setText('accuracy', last.accuracy === null ? 'Untrained' : percent(this.#held?.share ?? last.accuracy));
    setText('accuracy-note', this.#held?.note ?? `of the last batches; ${this.#heldImages()} follow at the end of the epoch`);
    setText('batch-accuracy', last.accuracy === null ? '–' : percent(last.accuracy));
    setText('loss', last.loss === null ? '–' : last.loss.toFixed(3));
    setText('flips', last.flips === null ? '–' : `${(1000 * last.flips).toFixed(2)} ‰`);
    setText('speed', this.#imagesPerSecond === undefined ? '–' : count(this.#imagesPerSecond));
    element<HTMLProgressElement>('progress').value = this.#progress;
    setText('progress-text', begun ? `Epoch ${this.#epoch + 1} of ${epochs}` : '');
  }
}
