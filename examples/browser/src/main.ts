// The page: who hears of what.
import '@fontsource-variable/inter/index.css';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { Classifier } from './classifier.js';
import { Controls } from './controls.js';
import { element } from './dom.js';
import { setUpFiles } from './files.js';
import { FilterView } from './filter-view.js';
import { showHost } from './host.js';
import type { Report } from './messages.js';
import { ModelView } from './model-view.js';
import { Playground } from './playground.js';
import { RunView } from './run-view.js';
import { Session } from './session.js';
import { setUpTheme } from './theme.js';

setUpTheme(element<HTMLButtonElement>('theme'));

const classifier = new Classifier();
const playground = new Playground(classifier);
const filters = new FilterView();
const model = new ModelView(classifier);
const run = new RunView();
const session = new Session(hear, (message) => controls.fail(message, 'broken'));
const controls = new Controls((command) => session.send(command));

let host: Extract<Report, { type: 'host' }> | undefined;

function hear(report: Report): void {
  controls.hear(report);
  if (report.type === 'event') {
    run.take(report.event, report.imagesPerSecond);
    if (report.event.type === 'start') tellHost(report.event.threads);
  }
  if (report.type === 'host') {
    host = report;
    tellHost(undefined);
  }
  if (report.type === 'model') {
    classifier.set(report.bytes);
    showModel('convnet, trained here');
  }
}

function tellHost(threads: number | undefined): void {
  if (host !== undefined) showHost(host.features, host.cores, threads);
}

function showModel(origin: string): void {
  filters.show(classifier.file?.filters);
  model.show(origin);
  playground.update();
}

setUpFiles({
  async model(file) {
    if (controls.isRunning) throw new Error('a network is being trained: stop it first');
    await classifier.load(new Uint8Array(await file.arrayBuffer()));
    showModel(file.name);
  },
  picture: (file) => playground.classifyPicture(file),
  data: (files) => controls.open(files),
  failed: (message) => controls.showError(message),
  begun: () => controls.clearError(),
});

addEventListener('unhandledrejection', ({ reason }) => controls.showError(reason instanceof Error ? reason.message : String(reason)));
controls.open('digits');
