// Buttons and settings, and what they may do in each phase of a run.
import { count, element, setText } from './dom.js';
import type { Command, DataFacts, MethodName, Report } from './messages.js';

type Phase = 'opening' | 'ready' | 'training' | 'pausing' | 'paused' | 'stopping' | 'ended' | 'broken';

/** `run`: what the main button says and does; undefined where it has to wait. */
const PHASES: Record<Phase, { status: string; label: string; run?: 'train' | 'pause' | 'resume'; running?: boolean; stop?: boolean }> = {
  opening: { status: 'Opening the data …', label: 'Train' },
  ready: { status: 'Ready', label: 'Train', run: 'train' },
  training: { status: 'Training', label: 'Pause', run: 'pause', running: true, stop: true },
  pausing: { status: 'Pausing …', label: 'Pause', running: true, stop: true },
  paused: { status: 'Paused', label: 'Resume', run: 'resume', running: true, stop: true },
  stopping: { status: 'Stopping …', label: 'Pause', running: true },
  ended: { status: 'Done', label: 'Train again', run: 'train' },
  broken: { status: 'Stopped by an error', label: 'Start over', run: 'train' },
};

const TITLES: Record<DataFacts['format'], string> = {
  digits: 'Built-in digits',
  idx: 'Images of an idx file',
  cifar10: 'CIFAR-10',
  cifar100: 'CIFAR-100',
};

export class Controls {
  readonly #send: (command: Command) => void;
  readonly #run = element<HTMLButtonElement>('run');
  readonly #stop = element<HTMLButtonElement>('stop');
  readonly #method = element<HTMLSelectElement>('method');
  readonly #epochs = element<HTMLInputElement>('epochs');
  #phase: Phase = 'opening';
  /** What is to be opened, what was opened last, and what the worker has of it. */
  #asked: readonly File[] | 'digits' = 'digits';
  #opened: readonly File[] | 'digits' = 'digits';
  #facts: DataFacts | undefined;

  constructor(send: (command: Command) => void) {
    this.#send = send;
    element<HTMLFormElement>('settings').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#press();
    });
    this.#stop.addEventListener('click', () => {
      this.#enter('stopping');
      this.#send({ type: 'stop' });
    });
    element('use-digits').addEventListener('click', () => this.open('digits'));
    element('dismiss').addEventListener('click', () => this.clearError());
    this.#enter('opening');
  }

  get isRunning(): boolean {
    return PHASES[this.#phase].running === true;
  }

  open(files: readonly File[] | 'digits'): void {
    if (this.isRunning) throw new Error('a network is being trained: stop it first');
    if (this.#phase === 'opening' && this.#facts !== undefined) throw new Error('other data are being opened: wait a moment');
    this.#asked = files;
    this.#enter('opening');
    this.#send({ type: 'open', files });
  }

  hear(report: Report): void {
    if (report.type === 'data') {
      this.#opened = this.#asked;
      this.#showFacts(report.facts);
      this.#enter('ready');
    }
    if (report.type === 'paused' && this.#phase === 'pausing') this.#enter('paused');
    if (report.type === 'ended') {
      this.#enter('ended');
      if (report.stopped) setText('status', 'Stopped');
    }
    if (report.type === 'failed') this.fail(report.message, report.doing === 'open' && this.#facts !== undefined ? 'ready' : 'broken');
  }

  /** Says what went wrong. After 'broken' the next press of the main button opens the data anew. */
  fail(message: string, next: 'ready' | 'broken'): void {
    this.showError(message);
    this.#enter(next);
    if (next === 'broken') this.#facts = undefined;
  }

  showError(message: string): void {
    setText('error', message);
    element('alert').hidden = false;
  }

  clearError(): void {
    element('alert').hidden = true;
  }

  #press(): void {
    const { run } = PHASES[this.#phase];
    this.clearError();
    if (this.#phase === 'broken') this.open(this.#opened);
    else if (run === 'pause') this.#tell('pausing', { type: 'pause' });
    else if (run === 'resume') this.#tell('training', { type: 'resume' });
    else if (run === 'train') {
      const [method, epochs] = [this.#method.value as MethodName, this.#epochs.valueAsNumber];
      this.#tell('training', { type: 'train', method, epochs });
    }
  }

  #tell(next: Phase, command: Command): void {
    this.#enter(next);
    this.#send(command);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    const { status, label, run, running = false, stop = false } = PHASES[phase];
    document.body.dataset.phase = phase;
    setText('status', status);
    setText('run', label);
    this.#run.disabled = run === undefined;
    this.#stop.disabled = !stop;
    for (const control of document.querySelectorAll<HTMLButtonElement>('.while-idle')) control.disabled = running || phase === 'opening';
  }

  #showFacts(facts: DataFacts): void {
    this.#facts = facts;
    const { format, train, test, shape, classes } = facts;
    const { height, width, channels } = shape;
    setText('data-name', TITLES[format]);
    const images = test > 0 ? `${count(train)} images and ${count(test)} to test` : `${count(train)} images`;
    setText('data-facts', `${images}, ${width} × ${height}${channels === 3 ? ' in colour' : ''}, ${classes} classes`);
    element('use-digits').hidden = format === 'digits';
  }
}
