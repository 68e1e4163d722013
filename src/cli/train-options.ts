/**
 * The options of `bitgauss train`: their definitions, and what they mean for `train()`.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { augmentationNames, createAugmentation, type DataSplits, datasetNames } from '../data.js';
import {
  bestOf,
  checkpointDirectory,
  clipNorm,
  createMethod,
  createModel,
  createOptimizer,
  type GradientType,
  gradientLog,
  modelNames,
  optimizerNames,
  profiler,
  scheduleNames,
  sigmaPoints,
  type TrainOptions,
} from '../train.js';
import { addMethodOptions, METHOD_OWNERS, type MethodFlags, methodOf } from './method-options.js';
import { addModelOptions, type ModelFlags, modelOptions } from './model-options.js';
import { duration, gradientsOption, integer, labelsOption, number, realOptimizerOption, shares } from './options.js';
import { RECIPES, recipeFlags } from './recipes.js';

export interface TrainFlags extends ModelFlags, MethodFlags {
  model: string;
  data: string;
  dataDir?: string;
  labels?: 'fine' | 'coarse';
  augment?: string;
  normalize: 'measured' | 'imagenet';
  recipe: (typeof RECIPES)[number];
  optimizer: string;
  realOptimizer: string;
  muonBlock: string;
  muonIterations: number;
  lr?: number;
  realLr: number;
  warmup: number;
  schedule: 'cosine' | 'linear' | 'step' | 'constant';
  milestones?: number[];
  decay?: number;
  clipNorm?: number;
  labelSmoothing: number;
  weightDecay: number;
  bnStatistics?: 'running' | 'reestimate';
  epochs?: number;
  timeBudget?: number;
  checkpoint?: string;
  resume: boolean;
  batch: number;
  validation?: number;
  evalEvery: number;
  logTest: boolean;
  limitBatches?: number;
  gradients?: GradientType;
  threads: number | 'auto';
  profile: boolean;
  logGradients: boolean;
  seed: number;
  samples: number;
  export: 'mode' | 'sample' | 'ensemble' | 'best-of' | 'sigma-points';
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** Options that have an effect beside certain choices only: option, the choice, what it may be. */
const OWNERS: readonly [keyof TrainFlags, 'method' | 'optimizer' | 'schedule', readonly string[]][] = [
  ...METHOD_OWNERS.map(([option, methods]): [keyof TrainFlags, 'method', readonly string[]] => [option, 'method', methods]),
  ['milestones', 'schedule', ['step']],
  ['decay', 'schedule', ['step']],
  ['muonBlock', 'optimizer', ['muon']],
  ['muonIterations', 'optimizer', ['muon']],
];

function threadCount(text: string): number | 'auto' {
  return text === 'auto' ? text : integer(1, 64)(text);
}

export function addTrainOptions(command: Command): Command {
  command.addOption(new Option('--model <name>', 'architecture').choices(modelNames()).default('convnet'));
  addModelOptions(command)
    .addOption(new Option('--data <name>', 'data set').choices(datasetNames()).default('digits'))
    .option('--data-dir <path>', 'where data sets are (default: BITGAUSS_DATA, else bitgauss in the user cache directory)')
    .addOption(labelsOption())
    .addOption(
      new Option('--augment <name>', "change training images anew in every epoch (default: the data set's own)").choices(
        augmentationNames(),
      ),
    )
    .addOption(
      new Option('--normalize <by>', 'mean and deviation: measured on the training split, or those of ImageNet')
        .choices(['measured', 'imagenet'])
        .default('measured'),
    )
    .addOption(
      new Option(
        '--recipe <name>',
        'reference: adamw for all parameters at 0.002, half an epoch of warm-up; paper: 600 epochs of sgd at 0.5, 0.1 for real-valued layers, 5 of them warm-up, ' +
          'weight decay 1e-5, batches of 256, --rank 4, as VISPA was published; both with ImageNet normalisation of colour images; options given beside it win',
      )
        .choices(RECIPES)
        .default('default'),
    );
  return addMethodOptions(command)
    .addOption(new Option('--optimizer <name>', 'optimizer of the latent weights').choices(optimizerNames()).default('muon'))
    .addOption(realOptimizerOption())
    .addOption(
      new Option('--muon-block <n>', 'muon: output filters made orthogonal to each other').choices(['8', '16', '32']).default('32'),
    )
    .option('--muon-iterations <n>', 'muon: Newton-Schulz iterations', integer(0, 6), 2)
    .option(
      '--lr <rate>',
      'peak learning rate of the latent weights (default: 0.002 for adamw, 0.01 for nsgd and muon, 0.1 for sgd, 1e-4 for bop, 3e-4 for bayesbinn and adaste, 0.01 for ste-int16)',
      number(0),
    )
    .option('--real-lr <rate>', 'peak learning rate of everything else', number(0), 0.002)
    .option('--warmup <epochs>', 'epochs of linear warm-up, before the schedule', number(0), 0.5)
    .addOption(
      new Option('--schedule <name>', 'how the learning rates fall: cosine and linear to 0, step at the milestones')
        .choices(scheduleNames())
        .default('cosine'),
    )
    .option('--milestones <shares>', 'step: shares of the run behind the warm-up (default: 0.5,0.75)', shares)
    .option('--decay <factor>', 'step: what every milestone multiplies the rates by (default: 0.1)', number(1e-6, 1))
    .option('--clip-norm <norm>', 'scale gradients down to this norm, those of binary weights and those of everything else', number(1e-12))
    .option('--label-smoothing <share>', 'share of the target that all classes have alike', number(0, 0.999), 0)
    .option('--weight-decay <x>', 'weight decay of all parameters', number(0), 0)
    .addOption(
      new Option(
        '--bn-statistics <how>',
        'batch norm in evaluation: running averages, or re-estimated on 40 training batches (default: running, or reestimate for weights that are real in training)',
      ).choices(['running', 'reestimate']),
    )
    .option('--epochs <n>', 'passes over the training set (default: 10)', integer(1))
    .option('--time-budget <time>', 'instead of --epochs: plan as many as fit, such as 90m, 2h or 600s', duration)
    .option('--checkpoint <dir>', 'save the run there after every epoch, with history.jsonl')
    .option('--resume', 'go on with the run in --checkpoint, or begin one', false)
    .option('--batch <n>', 'images per step; multiples of 64 use memory and time best', integer(1, 65536), 128)
    .option('--validation <n>', 'samples held out to choose the best epoch, 0: none (default: a tenth)', integer(0))
    .option('--eval-every <n>', 'evaluate after every n epochs, and after the last', integer(1), 1)
    .option('--log-test', 'evaluate the test set then, too, for the record; it selects nothing', false)
    .option('--limit-batches <n>', 'end every epoch after this many steps', integer(1))
    .addOption(gradientsOption())
    .option('--threads <n>', 'auto: the cores of the machine, as far as they help; the result is the same', threadCount, 'auto')
    .option('--seed <n>', 'the same seed gives the same bytes', integer(0), 0)
    .option(
      '--samples <n>',
      'members of the ensemble that is evaluated at the end, or that the best is chosen of; 0: none',
      integer(0, 4096),
      10,
    )
    .addOption(
      new Option(
        '--export <what>',
        'what the file holds: the mode, one sample, the mode and all --samples, the best of --samples on the validation split, or the mode and all sigma points',
      )
        .choices(['mode', 'sample', 'ensemble', 'best-of', 'sigma-points'])
        .default('mode'),
    )
    .option('--out <file>', 'where the model is written', 'model.safetensors')
    .option('--log-gradients', 'every 100 steps, compare the rounded gradients with exact ones', false)
    .option('--profile', 'milliseconds per layer and kernel at the end', false)
    .option('--json', 'one JSON object a line on stdout')
    .option('--quiet', 'only the result');
}

/** Fills in the recipe, and says which options have no effect. */
export function resolveFlags(command: Command, flags: TrainFlags, data: DataSplits): { flags: TrainFlags; warnings: string[] } {
  const given = (option: keyof TrainFlags): boolean => command.getOptionValueSource(option) === 'cli';
  const recipe = recipeFlags(flags, data);
  const ownUpdate = createMethod(flags.method).learningRate !== undefined;
  if (ownUpdate) delete recipe.lr; // that of adamw
  const missing = Object.entries(recipe).filter(([option]) => !given(option as keyof TrainFlags));
  const resolved: TrainFlags = { ...flags, ...Object.fromEntries(missing) };
  const warnings = OWNERS.filter(([option, choice, values]) => given(option) && !values.includes(resolved[choice])).map(
    ([option, choice, values]) =>
      `${flagOf(option)} belongs to ${flagOf(choice)} ${values.join(' or ')} and has no effect on ${resolved[choice]}`,
  );
  if (ownUpdate && given('optimizer'))
    warnings.push(`--optimizer has no effect on --method ${flags.method}, which updates its weights itself`);
  if (resolved.method === 'vispa' && resolved.rank === 0)
    for (const option of ['noiseScale', 'noiseAnneal', 'noise', 'factorGradient', 'draws'] as const)
      if (given(option)) warnings.push(`${flagOf(option)} has no effect with --rank 0, which has no noise`);
  for (const option of ['optimizer', 'lr', 'gradients'] as const)
    if (resolved.method === 'float' && given(option))
      warnings.push(`${flagOf(option)} belongs to binary weights and has no effect on --method float, which has none`);
  return { flags: resolved, warnings };
}

/** `noiseAnneal` -> `--noise-anneal`. */
function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function trainOptions(flags: TrainFlags, data: DataSplits): TrainOptions {
  const { weightDecay } = flags;
  return {
    model: ({ classes }) => createModel(flags.model, { classes, ...modelOptions(flags) }),
    data,
    augmentation: flags.augment === undefined ? undefined : (createAugmentation(flags.augment) ?? 'none'),
    normalization: flags.normalize,
    method: methodOf(flags),
    optimizer: createOptimizer(flags.optimizer, {
      weightDecay,
      block: Number(flags.muonBlock) as 8 | 16 | 32,
      iterations: flags.muonIterations,
    }),
    realOptimizer: createOptimizer(flags.realOptimizer, { weightDecay }),
    learningRate: flags.lr,
    realLearningRate: flags.realLr,
    warmup: flags.warmup,
    schedule: flags.schedule,
    milestones: flags.milestones,
    decay: flags.decay,
    clipNorm: flags.clipNorm === undefined ? undefined : clipNorm(flags.clipNorm),
    labelSmoothing: flags.labelSmoothing,
    batchNormStatistics: flags.bnStatistics,
    epochs: flags.epochs,
    timeBudget: flags.timeBudget,
    checkpoint: flags.checkpoint === undefined ? undefined : checkpointDirectory(flags.checkpoint),
    resume: flags.resume,
    batchSize: flags.batch,
    validation: flags.validation,
    evaluateEvery: flags.evalEvery,
    logTest: flags.logTest,
    limitBatches: flags.limitBatches,
    gradients: flags.gradients,
    threads: flags.threads,
    profile: flags.profile ? profiler() : undefined,
    logGradients: flags.logGradients ? gradientLog() : undefined,
    seed: flags.seed,
    samples: flags.samples,
    exportDraw: exported(flags),
  };
}

function exported(flags: TrainFlags): TrainOptions['exportDraw'] {
  if (flags.export === 'best-of') return bestOf(flags.samples);
  return flags.export === 'sigma-points' ? sigmaPoints() : flags.export;
}

/** Options of `train()` that the command line calls otherwise. */
const NAMES: Record<string, string> = {
  'bayesbinn.dataScale': '--data-scale',
  'bayesbinn.lambda': '--lambda-start',
  'bayesbinn.temperature': '--temperature',
  'bestOf.samples': '--samples',
  'irnet.tMax': '--ede-max',
  'irnet.tMin': '--ede-min',
  'recu.tauMax': '--tau-max',
  'recu.tauMin': '--tau-min',
  batchNormStatistics: '--bn-statistics',
  batchSize: '--batch',
  evaluateEvery: '--eval-every',
  clipNorm: '--clip-norm',
  exportDraw: '--export',
  labelSmoothing: '--label-smoothing',
  latentAverage: '--latent-average',
  learningRate: '--lr',
  limitBatches: '--limit-batches',
  normalization: '--normalize',
  realLearningRate: '--real-lr',
  realOptimizer: '--real-optimizer',
  timeBudget: '--time-budget',
};

/** An error message of `train()` with the names of the command line. */
export function inFlags(message: string): string {
  return message.replace(/^[a-zA-Z.]+(?=:)|(?<=its run has (?:another )?)[a-zA-Z]+/, (name) => NAMES[name] ?? name);
}
