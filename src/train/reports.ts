/**
 * What a run says of itself: its start, and the health of its layers.
 *
 * @module
 */
import type { LayerReport, StartEvent } from './events.js';
import type { SignCounts } from './method.js';
import type { Settings } from './options.js';
import type { TrainingSession } from './session.js';

export function startEvent(
  session: TrainingSession,
  { model, method, optimizer, validation, test, batchSize, warmup }: Settings,
  run: Pick<StartEvent, 'train' | 'epochs' | 'history' | 'stepsPerEpoch'>,
): StartEvent {
  const { realParameters, binaryParameters } = session.network;
  const rounded = Math.ceil(batchSize / 64) * 64;
  const warnings: string[] = [];
  if (rounded !== batchSize)
    warnings.push(`a batch of ${batchSize} costs as much time and memory as one of ${rounded}: images are computed in groups of 64`);
  if (warmup >= run.epochs) warnings.push(`a warm-up of ${warmup} epochs is no shorter than the run: the learning rates only rise`);
  const { threads, reason } = session.threads;
  if (reason !== undefined) warnings.push(`training runs on one thread: ${reason}`);
  return {
    type: 'start',
    model: model.name,
    method: method.name,
    optimizer: method.learningRate === undefined ? optimizer.name : method.name,
    train: run.train,
    validation,
    test: test?.length ?? 0,
    epochs: run.epochs,
    history: run.history,
    stepsPerEpoch: run.stepsPerEpoch,
    batchSize,
    threads,
    parameters: [...realParameters, ...binaryParameters].reduce((sum, { size }) => sum + size, 0),
    binaryParameters: binaryParameters.reduce((sum, { size }) => sum + size, 0),
    warnings,
  };
}

/** Signs, counted step by step: by layer for an epoch, all together for a batch. */
export class SignLog {
  readonly #session: TrainingSession;
  #counts: SignCounts[] = [];
  /** Of all layers, since the last `flips`. */
  #flips = 0;

  constructor(session: TrainingSession) {
    this.#session = session;
  }

  /** The share of all binary weights whose sign changed since the last call, an epoch's end or not; undefined where there are none. */
  flips(): number | undefined {
    this.#read();
    const weights = this.#session.network.binaryParameters.reduce((sum, { size }) => sum + size, 0);
    const share = weights === 0 ? undefined : this.#flips / weights;
    this.#flips = 0;
    return share;
  }

  /** Of each binary parameter, since the last call. */
  take(): SignCounts[] {
    this.#read();
    const counts = this.#counts;
    this.#counts = [];
    return counts;
  }

  #read(): void {
    const counts = this.#session.states.map((state) => state.readCounts());
    this.#counts = counts.map((count, i) => add(count, this.#counts[i]));
    this.#flips += counts.reduce((sum, { flips }) => sum + flips, 0);
  }
}

function add(a: SignCounts, b: SignCounts = { flips: 0, updates: 0, differing: 0, draws: 0 }): SignCounts {
  return { flips: a.flips + b.flips, updates: a.updates + b.updates, differing: a.differing + b.differing, draws: a.draws + b.draws };
}

/** Of the layers: signs that changed (`counts`, by binary parameter), activations without a gradient. */
export function layerReports(session: TrainingSession, counts: readonly SignCounts[]): LayerReport[] {
  const reports: LayerReport[] = [];
  const binary = session.network.binaryParameters;
  for (const step of session.network.steps) {
    const deadActivations = step.deadActivations?.();
    const index = binary.findIndex((parameter) => step.parameters.includes(parameter));
    if (index >= 0) {
      const { flips, updates, differing, draws } = counts[index];
      const { size } = binary[index];
      reports.push({
        name: step.name,
        flips: flips / Math.max(1, updates) / size,
        sampleFlips: draws > 0 ? differing / draws / size : undefined,
      });
    } else if (deadActivations !== undefined) reports.push({ name: step.name, deadActivations });
  }
  return reports;
}
