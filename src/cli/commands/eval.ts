/**
 * `bitgauss eval`: accuracy of a model file on a test set, by the inference runtime, image by image. Of an ensemble: of its base network, of
 * the vote of all members, and with --until of the vote that ends early.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { type Dataset, datasetNames, loadDataset } from '../../data.js';
import { type Image, loadModel, type Model, type PredictOptions } from '../../index.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes } from '../files.js';
import { labelsOption, untilOption } from '../options.js';
import { percent, printJson } from '../reporter.js';

interface EvalFlags {
  data: string;
  dataDir?: string;
  labels?: 'fine' | 'coarse';
  until?: number;
  json?: boolean;
}

export function evaluate(program: Command): Command {
  return program
    .command('eval')
    .description('Accuracy of a model file on the test set of a data set.')
    .argument('<model>', 'model file')
    .addOption(new Option('--data <name>', 'data set').choices(datasetNames()).default('digits'))
    .option('--data-dir <path>', 'where data sets are (default: BITGAUSS_DATA, else bitgauss in the user cache directory)')
    .addOption(labelsOption())
    .addOption(untilOption())
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, flags: EvalFlags) => {
      const model = await loadModel(readBytes(path));
      const { test } = await loadDataset(flags.data, { dataDir: flags.dataDir, labels: flags.labels });
      requireFit(model, test);
      const { members } = model;
      const ways: PredictOptions[] = [{ draw: 'mode' }];
      if (members > 0) ways.push({});
      if (flags.until !== undefined) ways.push({ until: flags.until });
      const [mode, ...votes] = measure(model, test, ways);
      const all = members > 0 ? votes[0] : undefined;
      const anytime = flags.until !== undefined ? votes[1] : undefined;
      if (flags.json === true) {
        printJson({
          accuracy: mode.accuracy,
          ensembleAccuracy: all?.accuracy ?? null,
          members,
          imagesPerSecond: Math.round((all ?? mode).imagesPerSecond),
          ...(anytime && {
            anytimeAccuracy: anytime.accuracy,
            anytimeMembers: anytime.members,
            anytimeImagesPerSecond: Math.round(anytime.imagesPerSecond),
          }),
        });
        return;
      }
      const line = (what: string, { accuracy, imagesPerSecond }: Measured): string =>
        `${what} ${percent(accuracy)} on ${test.length} images, ${Math.round(imagesPerSecond)} images/s one by one\n`;
      process.stdout.write(line('accuracy', mode));
      if (all) process.stdout.write(line(`ensemble of ${members}`, all));
      if (anytime) process.stdout.write(line(`until ${flags.until}, ${anytime.members.toFixed(2)} members a time:`, anytime));
    });
}

function requireFit(model: Model, test: Dataset): void {
  const { height, width, channels, type } = model.input;
  const { shape } = test;
  if (
    shape.height !== height ||
    shape.width !== width ||
    shape.channels !== channels ||
    test.type !== type ||
    test.classes !== model.labels.length
  ) {
    const got = `${shape.height}x${shape.width}x${shape.channels} ${test.type}, ${test.classes} classes`;
    throw new Exit(
      EXIT.failed,
      `the data set does not fit the model: got ${got}, expected ${height}x${width}x${channels} ${type}, ${model.labels.length} classes`,
    );
  }
  const other = test.labels.findIndex((label, i) => label !== model.labels[i]);
  if (other !== -1)
    throw new Exit(
      EXIT.failed,
      `the data set does not fit the model: class ${other} is ${test.labels[other]}, expected ${model.labels[other]}; choose the model's set with --data`,
    );
}

interface Measured {
  accuracy: number;
  imagesPerSecond: number;
  /** Mean number of networks that ran. */
  members: number;
}

/** Predicts every image in each of these ways. */
function measure(model: Model, test: Dataset, ways: readonly PredictOptions[]): Measured[] {
  const { height, width, channels, type } = model.input;
  const size = height * width * channels;
  const images: Image = type === 'u8' ? new Uint8Array(size) : new Float32Array(size);
  const labels = new Int32Array(1);
  const sums = ways.map(() => ({ correct: 0, members: 0, ms: 0 }));
  for (let i = 0; i < test.length; i++) {
    test.read(Uint32Array.of(i), { images, labels });
    ways.forEach((way, w) => {
      const begin = performance.now();
      const { label, members } = model.predict(images, way);
      sums[w].ms += performance.now() - begin;
      sums[w].members += members;
      if (label === labels[0]) sums[w].correct++;
    });
  }
  return sums.map(({ correct, members, ms }) => ({
    accuracy: correct / test.length,
    imagesPerSecond: (1000 * test.length) / ms,
    members: members / test.length,
  }));
}
