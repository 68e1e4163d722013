/**
 * Shows a training run: a progress bar on a terminal, one line an epoch elsewhere, one JSON object a line with --json.
 *
 * @module
 */
import { SingleBar } from 'cli-progress';
import { alignTable } from '../core/table.js';
import type { GradientsEvent, TrainEvent } from '../train.js';

export interface Reporter {
  event(event: TrainEvent): void;
  /** Removes the bar, so that other text can be printed. */
  stop(): void;
}

export function createReporter(mode: { json: boolean; quiet: boolean }): Reporter {
  if (mode.json) return jsonReporter();
  if (mode.quiet) return { event() {}, stop() {} };
  return textReporter();
}

/** One object a line; at most one `batch` line a second. */
export function printJson(value: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function jsonReporter(): Reporter {
  let last = Number.NEGATIVE_INFINITY;
  return {
    event({ type, ...rest }) {
      if (type === 'done') return; // the command adds the model's path
      if (type === 'batch') {
        if (performance.now() - last < 1000) return;
        last = performance.now();
      }
      printJson({ event: type, ...rest });
    },
    stop() {},
  };
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function textReporter(): Reporter {
  const bar = new SingleBar({
    format: '  {epoch} [{bar}] {value}/{total}  loss {loss}  acc {accuracy}  {rate} img/s  {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 16,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  const terminal = process.stderr.isTTY === true;
  let epochs = 0;
  let batchSize = 0;
  let doneBefore = 0;
  let [loss, accuracy] = [0, 0];
  let begin = 0;
  return {
    event(event) {
      if (event.type === 'start') {
        epochs = event.epochs;
        batchSize = event.batchSize;
        begin = performance.now();
        const sizes = `${event.train} training, ${event.validation} validation, ${event.test} test samples`;
        process.stderr.write(
          `${event.model}, ${event.method} with ${event.optimizer}: ${event.parameters} parameters, ${event.binaryParameters} of them binary; ${sizes}\n`,
        );
        doneBefore = event.history.length;
        if (doneBefore > 0) process.stderr.write(`going on after epoch ${doneBefore} of ${epochs}\n`);
        for (const warning of event.warnings) process.stderr.write(`warning: ${warning}\n`);
      } else if (event.type === 'batch') {
        if (!terminal) return;
        if (event.batch === 0) {
          [loss, accuracy] = [event.loss, event.accuracy];
          bar.start(event.batches, 0, { epoch: `${event.epoch + 1}/${epochs}`, loss: '…', accuracy: '…', rate: '…', left: '…' });
        }
        loss += 0.05 * (event.loss - loss);
        accuracy += 0.05 * (event.accuracy - accuracy);
        const done = (event.epoch - doneBefore) * event.batches + event.batch + 1; // since the start
        const seconds = (performance.now() - begin) / 1000;
        const left = (seconds / done) * ((epochs - doneBefore) * event.batches - done);
        bar.update(event.batch + 1, {
          epoch: `${event.epoch + 1}/${epochs}`,
          loss: loss.toFixed(3),
          accuracy: percent(accuracy),
          rate: Math.round((done * batchSize) / seconds),
          left: duration(left),
        });
      } else if (event.type === 'gradients') {
        if (terminal) bar.stop();
        process.stderr.write(`${gradientsText(event)}\n`);
      } else if (event.type === 'epoch') {
        if (terminal) bar.stop();
        const validation =
          event.validationAccuracy === undefined
            ? ''
            : `  validation ${percent(event.validationAccuracy)}${event.best ? ' (best so far)' : ''}`;
        const test = event.testAccuracy === undefined ? '' : `  test ${percent(event.testAccuracy)}`;
        const flips = event.layers.filter((layer) => layer.flips !== undefined).map((layer) => (1000 * (layer.flips ?? 0)).toFixed(2));
        process.stderr.write(
          `  epoch ${event.epoch + 1}/${event.epochs}  loss ${event.loss.toFixed(4)}  accuracy ${percent(event.accuracy)}${validation}${test}  ${Math.round(event.imagesPerSecond)} images/s  flips/step ‰ ${flips.join(' ')}\n`,
        );
      }
    },
    stop() {
      if (terminal) bar.stop();
    },
  };
}

function gradientsText({ step, layers }: GradientsEvent): string {
  const rows = layers.map(({ layer, maxOverRms, boundOverMax, zerosBefore, zerosAfter, clipped, saturated, cosineDx, cosineDw }) => [
    `  ${layer}`,
    maxOverRms.toFixed(1),
    boundOverMax.toFixed(3),
    ...[zerosBefore, zerosAfter, clipped, saturated].map((share) => (share === undefined ? '-' : percent(share))),
    cosineDx?.toFixed(5) ?? '-',
    cosineDw.toFixed(5),
  ]);
  const head = [`  gradients of step ${step}`, 'max/rms', 'bound/max', 'zeros', 'rounded to 0', 'clipped', 'saturated', 'cos dX', 'cos dW'];
  return alignTable([head, ...rows], 1).join('\n');
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
