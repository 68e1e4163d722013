// The command line's options of training methods against those of the library.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addMethodOptions, METHOD_OWNERS, type MethodFlags, methodOf } from '../../src/cli/method-options.js';
import { createMethod, methodNames, type TrainingMethod } from '../../src/train.js';

function parse(...words: string[]): TrainingMethod {
  const command = addMethodOptions(new Command()).exitOverride();
  command.parse(words, { from: 'user' });
  return methodOf(command.opts<MethodFlags>());
}

/** Another value than the default of every option. */
const OTHER: Record<keyof Omit<MethodFlags, 'method' | 'latentAverage'>, string[]> = {
  rank: ['--rank', '3'],
  noiseScale: ['--noise-scale', '25'],
  noiseAnneal: ['--noise-anneal', '0.2'],
  noise: ['--noise', 'antithetic'],
  factorGradient: ['--factor-gradient', 'true'],
  draws: ['--draws', 'group'],
  rowNormalize: ['--row-normalize'],
  clip: ['--clip', '1.25'],
  stochastic: ['--stochastic'],
  edeMin: ['--ede-min', '0.001'],
  edeMax: ['--ede-max', '20'],
  tauMin: ['--tau-min', '0.8'],
  tauMax: ['--tau-max', '0.95'],
  flipThreshold: ['--flip-threshold', '1e-7'],
  temperature: ['--temperature', '1e-8'],
  dataScale: ['--data-scale', '3'],
  betaMin: ['--beta-min', '0.5'],
  betaMax: ['--beta-max', '500'],
  pmfJacobian: ['--pmf-jacobian', 'exact'],
  pull: ['--pull', '2'],
  freeze: ['--freeze', '0.5'],
  adasteAlpha: ['--adaste-alpha', '0.02'],
  adasteAnneal: ['--adaste-anneal', '0.5'],
  thetaStart: ['--theta-start', '5'],
  lambdaMomentum: ['--lambda-momentum', '0.8'],
  lambdaStart: ['--lambda-start', '5'],
  klWeight: ['--kl-weight', '0.5'],
};

describe.each(methodNames())('--method %s', (name) => {
  it("has the library's defaults", () => {
    const method = parse('--method', name);
    expect(method.name).toBe(name);
    expect(method.options).toEqual(createMethod(name).options);
  });

  it('takes its own options, and no other has an effect', () => {
    const plain = parse('--method', name).options;
    for (const [option, owners] of METHOD_OWNERS) {
      const words = OTHER[option as keyof typeof OTHER];
      const changed = parse('--method', name, ...words).options;
      if (!owners.includes(name)) expect(changed, words[0]).toEqual(plain);
      else {
        const differing = Object.keys(plain).filter((key) => changed[key] !== plain[key]);
        expect(differing, words[0]).toHaveLength(1);
        const number = Number(words[1]);
        const given = Number.isNaN(number) ? words[1] : number;
        expect(String(changed[differing[0]])).toBe(words[1] === undefined ? (option === 'rowNormalize' ? 'row' : 'true') : String(given));
      }
    }
  });
});

it('every option has its owners', () => {
  expect(METHOD_OWNERS.map(([option]) => option).sort()).toEqual(Object.keys(OTHER).sort());
});

it('--latent-average goes with every method that has latents', () => {
  expect(parse('--method', 'recu', '--latent-average', '0.99').options).toEqual({ ...createMethod('recu').options, latentAverage: 0.99 });
  expect(() => parse('--method', 'bop', '--latent-average', '0.99')).toThrow(
    'latentAverage: got "bop", expected a method whose f32 latent weights',
  );
});
