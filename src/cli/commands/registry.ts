/**
 * All commands: each adds itself to the program.
 *
 * @module
 */
import type { Command } from 'commander';
import { compare } from './compare.js';
import { demo } from './demo.js';
import { evaluate } from './eval.js';
import { inspect } from './inspect.js';
import { posterior } from './posterior.js';
import { predict } from './predict.js';
import { summarize } from './summary.js';
import { train } from './train.js';

export const commands: readonly ((program: Command) => Command)[] = [
  train,
  compare,
  evaluate,
  predict,
  inspect,
  summarize,
  posterior,
  demo,
];
