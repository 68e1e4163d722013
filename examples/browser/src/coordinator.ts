// The worker that trains. It stays out of the page's way, and may wait for its threads, which a page's own thread may not.
import { features } from 'bitgauss';
import { datasetFromFiles, digits } from 'bitgauss/data';
import { convnet, ste, type Trainer, type TrainOptions, train, vispa } from 'bitgauss/train';
import type { Command, DataFacts, MethodName, Report } from './messages.js';

/** Between two models that are sent to the page while it watches, ms. */
const MODEL_INTERVAL = 500;

let data: TrainOptions['data'] | undefined;
let abort: AbortController | undefined;
/** A run that is told to pause waits for this between two events. */
let gate: Promise<void> | undefined;
let openGate = (): void => {};

function post(report: Report, transfer: Transferable[] = []): void {
  self.postMessage(report, { transfer });
}

async function postModel(trainer: Trainer): Promise<void> {
  const bytes = await trainer.exportModel();
  post({ type: 'model', bytes }, [bytes.buffer]);
}

async function openData(files: readonly File[] | 'digits'): Promise<void> {
  const read = async (file: File) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  const set = files === 'digits' ? { format: files, ...digits() } : await datasetFromFiles(await Promise.all(files.map(read)));
  data = set;
  const { length, shape, classes } = set.train;
  const facts: DataFacts = { format: set.format, train: length, test: set.test?.length ?? 0, shape, classes };
  post({ type: 'data', facts });
}

async function run(method: MethodName, epochs: number): Promise<void> {
  if (data === undefined) throw new Error('no data set is open');
  const controller = new AbortController();
  abort = controller;
  const trainer = train({
    model: convnet,
    data,
    method: method === 'vispa' ? vispa() : ste(),
    epochs,
    logTest: true,
    samples: 0,
    signal: controller.signal,
  });
  try {
    await follow(trainer);
    await postModel(trainer);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    await postModel(trainer).catch(() => {}); // stopped before the first step: there is no model yet
  }
  post({ type: 'ended', stopped: controller.signal.aborted });
}

/** Runs to the end, reports, sends models now and then, and pauses when told to. */
async function follow(trainer: Trainer): Promise<void> {
  let imagesPerSecond: number | undefined;
  let batchSize = 0;
  let asked = performance.now();
  let sent = 0;
  for await (const event of trainer) {
    if (event.type === 'start') batchSize = event.batchSize;
    if (event.type === 'batch' && event.batch > 0) {
      const rate = (1000 * batchSize) / (performance.now() - asked);
      imagesPerSecond = imagesPerSecond === undefined ? rate : 0.95 * imagesPerSecond + 0.05 * rate;
    }
    post({ type: 'event', event, imagesPerSecond });
    if (event.type === 'batch' && (gate !== undefined || performance.now() - sent > MODEL_INTERVAL)) {
      await postModel(trainer);
      sent = performance.now();
    }
    if (gate !== undefined && event.type !== 'done') {
      post({ type: 'paused' });
      await gate;
    }
    asked = performance.now();
  }
}

function resume(): void {
  gate = undefined;
  openGate();
}

post({ type: 'host', features: features(), cores: navigator.hardwareConcurrency });

self.onmessage = async ({ data: command }: MessageEvent<Command>) => {
  try {
    if (command.type === 'open') await openData(command.files);
    else if (command.type === 'train') await run(command.method, command.epochs);
    else if (command.type === 'pause') {
      gate ??= new Promise((resolve) => {
        openGate = resolve;
      });
    } else {
      if (command.type === 'stop') abort?.abort(new Error('stopped'));
      resume();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (command.type === 'open' || command.type === 'train') post({ type: 'failed', doing: command.type, message });
    else throw error;
  }
};
