/**
 * The options of training methods on the command line.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { createMethod, groupDraws, latentAverage, type MethodOptions, methodNames, type TrainingMethod } from '../train.js';
import { integer, number } from './options.js';

export interface MethodFlags {
  method: string;
  rank: number;
  noiseScale: number;
  noiseAnneal: number;
  noise: 'gaussian' | 'antithetic' | 'sigma-points';
  factorGradient: 'published' | 'true';
  draws: 'step' | 'group';
  rowNormalize: boolean;
  clip?: number;
  stochastic: boolean;
  edeMin?: number;
  edeMax?: number;
  tauMin: number;
  tauMax: number;
  flipThreshold: number;
  temperature: number;
  dataScale?: number;
  betaMin?: number;
  betaMax?: number;
  pmfJacobian: 'published' | 'exact';
  pull: number;
  freeze: number;
  adasteAlpha: number;
  adasteAnneal: number;
  thetaStart: number;
  lambdaMomentum?: number;
  lambdaStart: number;
  klWeight: number;
  latentAverage?: number;
}

/** Which methods an option belongs to; on others it has no effect. */
export const METHOD_OWNERS: readonly [keyof MethodFlags, readonly string[]][] = [
  ['rank', ['vispa']],
  ['noiseScale', ['vispa']],
  ['noiseAnneal', ['vispa']],
  ['noise', ['vispa']],
  ['factorGradient', ['vispa']],
  ['draws', ['vispa']],
  ['rowNormalize', ['vispa']],
  ['clip', ['ste', 'binary-connect']],
  ['stochastic', ['binary-connect']],
  ['edeMin', ['irnet', 'rbnn']],
  ['edeMax', ['irnet', 'rbnn']],
  ['tauMin', ['recu']],
  ['tauMax', ['recu']],
  ['flipThreshold', ['bop']],
  ['temperature', ['bayesbinn']],
  ['dataScale', ['bayesbinn', 'adaste']],
  ['betaMin', ['pmf', 'md-tanh', 'adaste']],
  ['betaMax', ['pmf', 'md-tanh']],
  ['pmfJacobian', ['pmf']],
  ['pull', ['proxquant']],
  ['freeze', ['proxquant']],
  ['adasteAlpha', ['adaste']],
  ['adasteAnneal', ['adaste']],
  ['thetaStart', ['adaste']],
  ['lambdaMomentum', ['bayesbinn', 'adaste']],
  ['lambdaStart', ['bayesbinn']],
  ['klWeight', ['bayesbinn']],
];

export function addMethodOptions(command: Command): Command {
  return command
    .addOption(new Option('--method <name>', 'training method of the binary weights').choices(methodNames()).default('vispa'))
    .option('--rank <K>', 'vispa: rank of the covariance, 0 equals ste', integer(0, 64), 2)
    .option('--noise-scale <S>', 'vispa: squared ratio between factor and noise', number(1e-12), 100)
    .option('--noise-anneal <share>', "vispa: share of the run's end over which the noise falls to nothing", number(0, 1), 0)
    .addOption(
      new Option('--noise <kind>', 'vispa: noise of training draws, anew, in pairs of opposites, or in turn along each factor')
        .choices(['gaussian', 'antithetic', 'sigma-points'])
        .default('gaussian'),
    )
    .addOption(
      new Option('--factor-gradient <which>', 'vispa: the published gradient of the factor, or the true one, smaller by the root of S')
        .choices(['published', 'true'])
        .default('published'),
    )
    .addOption(
      new Option('--draws <per>', 'vispa: one draw of the weights per training step, or one per group of 64 images')
        .choices(['step', 'group'])
        .default('step'),
    )
    .option('--row-normalize', 'vispa: normalise mean and factor after every update, as in the paper', false)
    .option(
      '--clip <limit>',
      'ste, binary-connect: latent weights stay within ± this (default: none for ste, 1 for binary-connect)',
      number(1e-12),
    )
    .option('--stochastic', 'binary-connect: draw the signs in training', false)
    .option('--ede-min <t>', 'irnet, rbnn: sharpness of the surrogate at the start (default: 0.1, of rbnn 0.01)', number(1e-12))
    .option('--ede-max <t>', 'irnet, rbnn: and at the end (default: 10)', number(1e-12, 1000))
    .option('--tau-min <tau>', 'recu: quantile that weights are clamped to at the start', number(0.5, 1), 0.85)
    .option('--tau-max <tau>', 'recu: and at the end', number(0.5, 1), 0.99)
    .option('--flip-threshold <x>', 'bop: a sign flips where the average of its gradients is above this', number(0), 1e-8)
    .option('--temperature <tau>', 'bayesbinn: of the relaxed weights; from 0.01 on they are real in training', number(0), 1e-10)
    .option(
      '--data-scale <x>',
      'bayesbinn, adaste: weight of the data, as a multiple of the training samples (default: 10 for bayesbinn, 1 for adaste)',
      number(1e-12),
    )
    .option(
      '--beta-min <x>',
      'pmf, md-tanh, adaste: sharpness of the real weights at the start (default: 1, of adaste 0.01)',
      number(1e-12),
    )
    .option('--beta-max <x>', 'pmf, md-tanh: and at the end (default: 10000)', number(1e-12))
    .addOption(
      new Option('--pmf-jacobian <which>', 'pmf: of the softmax, as in the published code or exact')
        .choices(['published', 'exact'])
        .default('published'),
    )
    .option('--pull <x>', 'proxquant: what all proximal steps together may move a weight', number(0), 1)
    .option('--freeze <share>', 'proxquant: share of the run after which weights are signs and stay so', number(1e-12, 1), 2 / 3)
    .option('--adaste-alpha <x>', 'adaste: weights are signs where beta is its inverse', number(1e-12, 1), 0.01)
    .option('--adaste-anneal <share>', 'adaste: share of the run after which weights are signs', number(1e-12, 1), 0.27)
    .option('--theta-start <x>', 'adaste: latent weights start at ± this', number(1e-12), 10)
    .option(
      '--lambda-momentum <beta>',
      'bayesbinn, adaste: average of the gradients (default: 0 for bayesbinn, 0.9 for adaste)',
      number(0, 0.999999),
    )
    .option('--lambda-start <x>', 'bayesbinn: natural parameters start at ± this', number(0), 10)
    .option('--kl-weight <x>', 'bayesbinn: weight of the prior', number(0), 1)
    .option(
      '--latent-average <decay>',
      'evaluate and export the signs of a moving average of the latent weights, such as 0.999',
      number(0, 0.999999),
    );
}

export function methodOf(flags: MethodFlags): TrainingMethod {
  const options: MethodOptions = {
    rank: flags.rank,
    noiseScale: flags.noiseScale,
    noiseAnneal: flags.noiseAnneal,
    noise: flags.noise,
    factorGradient: flags.factorGradient,
    draws: flags.draws === 'group' ? groupDraws() : 'step',
    normalize: flags.rowNormalize ? 'row' : 'none',
    clip: flags.clip,
    stochastic: flags.stochastic,
    tMin: flags.edeMin,
    tMax: flags.edeMax,
    tauMin: flags.tauMin,
    tauMax: flags.tauMax,
    threshold: flags.flipThreshold,
    temperature: flags.temperature,
    dataScale: flags.dataScale,
    betaMin: flags.betaMin,
    betaMax: flags.betaMax,
    jacobian: flags.pmfJacobian,
    pull: flags.pull,
    freeze: flags.freeze,
    alpha: flags.adasteAlpha,
    anneal: flags.adasteAnneal,
    theta: flags.thetaStart,
    momentum: flags.lambdaMomentum,
    lambda: flags.lambdaStart,
    kl: flags.klWeight,
  };
  const method = createMethod(flags.method, options);
  return flags.latentAverage === undefined ? method : latentAverage(method, flags.latentAverage);
}
