/**
 * `bitgauss eval`: accuracy of a model file on a test set, by the inference runtime, image by image.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { type Dataset, datasetNames, loadDataset } from '../../data.js';
import { loadModel, type Model } from '../../index.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes } from '../files.js';
import { percent, printJson } from '../reporter.js';

interface EvalFlags {
  data: string;
  dataDir?: string;
  json?: boolean;
}

export function evaluate(program: Command): Command {
  return program
    .command('eval')
    .description('Accuracy of a model file on the test set of a data set.')
    .argument('<model>', 'model file')
    .addOption(new Option('--data <name>', 'data set').choices(datasetNames()).default('digits'))
    .option('--data-dir <path>', 'where data sets are (default: BITGAUSS_DATA, else bitgauss in the user cache directory)')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, flags: EvalFlags) => {
      const model = await loadModel(readBytes(path));
      const { test } = await loadDataset(flags.data, { dataDir: flags.dataDir });
      const begin = performance.now();
      const accuracy = accuracyOf(model, test);
      const imagesPerSecond = test.length / ((performance.now() - begin) / 1000);
      // The file holds one network: an ensemble's accuracy is not its property.
      if (flags.json === true) printJson({ accuracy, ensembleAccuracy: null, imagesPerSecond: Math.round(imagesPerSecond) });
      else
        process.stdout.write(
          `accuracy ${percent(accuracy)} on ${test.length} images, ${Math.round(imagesPerSecond)} images/s one by one\n`,
        );
    });
}

function accuracyOf(model: Model, test: Dataset): number {
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
  const size = height * width * channels;
  const images = type === 'u8' ? new Uint8Array(size) : new Float32Array(size);
  const labels = new Int32Array(1);
  let correct = 0;
  for (let i = 0; i < test.length; i++) {
    test.read(Uint32Array.of(i), { images, labels });
    if (model.predict(images).label === labels[0]) correct++;
  }
  return correct / test.length;
}
