/**
 * `bitgauss summary`: layers, parameters, work and training memory of a network, without building it.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import {
  createMethod,
  createModel,
  createOptimizer,
  type GradientType,
  methodNames,
  modelNames,
  optimizerNames,
  summary,
} from '../../train.js';
import { addModelOptions, type ModelFlags, modelOptions } from '../model-options.js';
import { gradientsOption, imageShape, integer, realOptimizerOption } from '../options.js';
import { printJson } from '../reporter.js';

interface SummaryFlags extends ModelFlags {
  model: string;
  input: { height: number; width: number; channels: number };
  classes: number;
  batch: number;
  method: string;
  rank: number;
  optimizer: string;
  realOptimizer: string;
  gradients?: GradientType;
  json?: boolean;
}

export function summarize(program: Command): Command {
  const command = program.command('summary').description('Layers, work and training memory of a network.');
  command.addOption(new Option('--model <name>', 'architecture').choices(modelNames()).default('convnet'));
  return addModelOptions(command)
    .addOption(
      new Option('--input <HxWxC>', 'shape of an image').argParser(imageShape).default({ height: 32, width: 32, channels: 3 }, '32x32x3'),
    )
    .option('--classes <n>', 'number of classes', integer(1), 10)
    .option('--batch <n>', 'images per step', integer(1, 65536), 128)
    .addOption(new Option('--method <name>', 'training method of the binary weights').choices(methodNames()).default('vispa'))
    .option('--rank <K>', 'vispa: rank of the covariance', integer(0, 64), 2)
    .addOption(new Option('--optimizer <name>', 'optimizer of the latent weights').choices(optimizerNames()).default('muon'))
    .addOption(realOptimizerOption())
    .addOption(gradientsOption())
    .option('--json', 'one JSON object on stdout')
    .action(async (flags: SummaryFlags) => {
      const { input, classes, batch } = flags;
      if (command.getOptionValueSource('rank') === 'cli' && flags.method !== 'vispa')
        process.stderr.write(`warning: --rank belongs to --method vispa and has no effect on ${flags.method}\n`);
      const model = createModel(flags.model, { classes, ...modelOptions(flags) });
      const method = createMethod(flags.method, { rank: flags.rank });
      const gradients = flags.gradients ?? (method.realWeights === undefined ? 'int16' : 'f32');
      const optimizer = createOptimizer(flags.optimizer);
      const { text, ...figures } = await summary(model, {
        input,
        classes,
        batchSize: batch,
        gradients,
        method,
        optimizer,
        realOptimizer: createOptimizer(flags.realOptimizer),
      });
      if (flags.json !== true) process.stdout.write(`${text}\n`);
      else printJson({ model: model.name, input, classes, batch, method: method.name, optimizer: optimizer.name, gradients, ...figures });
    });
}
