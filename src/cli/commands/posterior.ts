/**
 * `bitgauss posterior`: what VISPA has learned about the weights of a run in a checkpoint: variances, correlations, leading directions, flips.
 *
 * @module
 */
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { alignTable } from '../../core/table.js';
import { type Posterior, readPosteriors } from '../../train.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes } from '../files.js';
import { percent, printJson } from '../reporter.js';

interface PosteriorFlags {
  epoch: 'kept' | 'last';
  layer?: string;
  pairs?: [number, number][];
  json?: boolean;
}

/** Numbers of a direction that are shown. */
const SHOWN = 4;

function pairs(text: string): [number, number][] {
  return text.split(',').map((pair) => {
    if (!/^\d+:\d+$/.test(pair)) throw new InvalidArgumentError('expected pairs of weights such as 0:1,5:17');
    const [i, j] = pair.split(':').map(Number);
    return [i, j];
  });
}

export function posterior(program: Command): Command {
  return program
    .command('posterior')
    .description('Learned variances, correlations and leading directions of binary weights, from a checkpoint of --method vispa.')
    .argument('<directory>', 'of --checkpoint')
    .addOption(new Option('--epoch <which>', 'the epoch that is exported, or the last').choices(['kept', 'last']).default('kept'))
    .option('--layer <name>', 'directions of this layer, such as 3.binaryConv2d')
    .option(
      '--pairs <i:j,...>',
      'correlations of these weights of the layer, counted from 0 as filter, kernel row, column, input channel',
      pairs,
    )
    .option('--json', 'one JSON object on stdout')
    .action(async (directory: string, flags: PosteriorFlags) => {
      const layers = await readPosteriors(readBytes(join(directory, 'checkpoint.safetensors')), { epoch: flags.epoch });
      const layer = layers.find((each) => each.layer === flags.layer);
      const names = layers.map((each) => each.layer).join(', ');
      if (flags.layer !== undefined && layer === undefined)
        throw new Exit(EXIT.usage, `--layer: got ${flags.layer}, expected one of ${names}`);
      if (flags.pairs !== undefined && layer === undefined) throw new Exit(EXIT.usage, `--pairs: expected --layer with one of ${names}`);
      if (flags.json === true) printJson({ layers: layers.map(figures), ...(layer === undefined ? {} : { layer: detail(layer, flags) }) });
      else for (const line of [...overview(layers), ...(layer === undefined ? [] : text(layer, flags))]) process.stdout.write(`${line}\n`);
    });
}

function figures(layer: Posterior): Record<string, unknown> {
  const { weights, rank } = layer;
  return {
    layer: layer.layer,
    weights,
    rank,
    noise: layer.noise(),
    expectedFlips: layer.expectedFlips(),
    observedFlips: layer.observedFlips ?? null,
    directions: layer.directions().map(({ variance, share }) => ({ variance, share })),
  };
}

function overview(layers: readonly Posterior[]): string[] {
  const rows = layers.map((layer) => [
    layer.layer,
    String(layer.weights),
    String(layer.rank),
    layer.noise().toFixed(4),
    percent(layer.expectedFlips()),
    layer.observedFlips === undefined ? '-' : percent(layer.observedFlips),
    layer
      .directions()
      .map(({ share }) => (100 * share).toFixed(1))
      .join(' '),
  ]);
  return [
    ...alignTable([['layer', 'weights', 'K', 'noise', 'flips', 'observed', 'directions'], ...rows]),
    '',
    'noise: deviations as a multiple of the means, both root mean square; flips: signs of a draw that differ from the mode, expected of',
    'these weights and observed in training; directions: shares of the variance in percent, the largest first',
  ];
}

function detail(layer: Posterior, flags: PosteriorFlags): Record<string, unknown> {
  return {
    name: layer.layer,
    directions: layer.directions().map(({ variance, share, vector }) => ({ variance, share, largest: largest(vector) })),
    pairs: (flags.pairs ?? []).map(([i, j]) => ({ i, j, ...layer.pair(i, j) })),
  };
}

function text(layer: Posterior, { pairs: wanted = [] }: PosteriorFlags): string[] {
  const directions = layer
    .directions()
    .map(({ variance, share, vector }, k) => [
      String(k + 1),
      variance.toPrecision(4),
      percent(share),
      ...largest(vector).map(({ weight, value }) => `${weight}: ${value.toFixed(4)}`),
    ]);
  const heads = ['direction', 'variance', 'share', 'largest weights', ...Array(SHOWN - 1).fill('')];
  const lines = ['', ...alignTable([heads.slice(0, 3 + Math.min(SHOWN, layer.weights)), ...directions])];
  if (wanted.length === 0) return lines;
  const rows = wanted.map(([i, j]) => {
    const { covariance, correlation, signProduct, signCorrelation } = layer.pair(i, j);
    return [`${i}:${j}`, covariance.toPrecision(4), ...[correlation, signProduct, signCorrelation].map((x) => x.toFixed(4))];
  });
  return [...lines, '', ...alignTable([['pair', 'covariance', 'correlation', 'E sign sign', 'correlation of signs'], ...rows])];
}

/** The weights that move most along a direction. */
function largest(vector: Float64Array): { weight: number; value: number }[] {
  const order = Array.from(vector.keys()).sort((a, b) => Math.abs(vector[b]) - Math.abs(vector[a]));
  return order.slice(0, SHOWN).map((weight) => ({ weight, value: vector[weight] }));
}
