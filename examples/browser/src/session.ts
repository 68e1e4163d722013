// The page's side of the worker that trains: one worker, started anew when it broke.
import type { Command, Report } from './messages.js';

export class Session {
  readonly #hear: (report: Report) => void;
  readonly #broke: (message: string) => void;
  #worker: Worker | undefined;

  /** `broke`: the worker could not start, or ended by an error that it did not report. */
  constructor(hear: (report: Report) => void, broke: (message: string) => void) {
    this.#hear = hear;
    this.#broke = broke;
    // A page that the browser keeps to come back to must not go on computing; threads end with the worker that started them.
    addEventListener('pagehide', () => this.#end());
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) location.reload();
    });
  }

  send(command: Command): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(command);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./coordinator.ts', import.meta.url), { type: 'module', name: 'coordinator' });
    const broke = (message: string): void => {
      this.#end();
      this.#broke(message);
    };
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#hear(data);
    worker.onmessageerror = () => broke('a message of the training worker could not be read');
    worker.onerror = (event) => {
      event.preventDefault();
      broke(event.message ? `the training worker stopped: ${event.message}` : 'the training worker could not be started');
    };
    return worker;
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
