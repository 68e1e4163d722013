/**
 * What is compared: methods with options of `bitgauss train` of their own, and seeds.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import { methodNames } from '../../train.js';

/** One row of the table. */
export interface Spec {
  /** As given: `vispa:rank=4,noise-anneal=0.2`. */
  text: string;
  method: string;
  /** Arguments of `bitgauss train`, `--method` first. */
  args: readonly string[];
}

const EXPECTED = "a method, with options of `bitgauss train` behind a colon where it takes other ones: 'vispa:rank=4,noise-anneal=0.2'";

/** `all`: every method. Throws for what is no method, and for a row given twice. */
export function parseSpecs(texts: readonly string[]): Spec[] {
  const specs = texts.flatMap((text) => (text === 'all' ? methodNames() : text)).map(parseSpec);
  const twice = specs.find(({ text }, i) => specs.findIndex((other) => other.text === text) !== i);
  if (twice !== undefined) throw argumentError('--methods', twice.text, 'each one once');
  return specs;
}

function parseSpec(text: string): Spec {
  const [, method = '', list] = /^([a-z0-9-]+)(?::(.+))?$/.exec(text) ?? [];
  if (!methodNames().includes(method)) throw argumentError('--methods', text, `${EXPECTED}; methods are ${methodNames().join(', ')}, all`);
  const options = (list?.split(/,(?=[a-z])/) ?? []).flatMap((option) => {
    const [, name, value] = /^([a-z][a-z0-9-]*)(?:=(.+))?$/.exec(option) ?? [];
    if (name === undefined) throw argumentError('--methods', text, EXPECTED);
    return value === undefined ? [`--${name}`] : [`--${name}`, value];
  });
  return { text, method, args: ['--method', method, ...options] };
}

/** A name for files: `vispa-rank=4-seed0`. */
export function runName(spec: Spec, seed: number): string {
  return `${spec.text.replace(/[^a-z0-9.,=-]+/gi, '-')}-seed${seed}`;
}
