/**
 * All training methods by name.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import type { TrainingMethod } from '../method.js';
import { type AdasteOptions, adaste } from './adaste.js';
import { type BayesbinnOptions, bayesbinn } from './bayesbinn.js';
import { type BinaryConnectOptions, binaryConnect } from './binary-connect.js';
import { bireal } from './bireal.js';
import { type BopOptions, bop } from './bop.js';
import { dorefa } from './dorefa.js';
import { float } from './float.js';
import { type IrnetOptions, irnet } from './irnet.js';
import { type MdTanhOptions, mdTanh } from './md-tanh.js';
import { type PmfOptions, pmf } from './pmf.js';
import { type ProxquantOptions, proxquant } from './proxquant.js';
import { type RbnnOptions, rbnnWeights } from './rbnn.js';
import { type RecuOptions, recu } from './recu.js';
import { siman } from './siman.js';
import { type SteOptions, ste } from './ste.js';
import { steInt16 } from './ste-int16.js';
import { type VispaOptions, vispa } from './vispa.js';
import { xnor } from './xnor.js';

/** Options of all methods; each takes its own. */
export type MethodOptions = SteOptions &
  VispaOptions &
  BinaryConnectOptions &
  IrnetOptions &
  RecuOptions &
  RbnnOptions &
  BopOptions &
  BayesbinnOptions &
  PmfOptions &
  MdTanhOptions &
  ProxquantOptions &
  AdasteOptions;

const METHODS: Record<string, (options: MethodOptions) => TrainingMethod> = {
  ste,
  vispa,
  'binary-connect': binaryConnect,
  xnor,
  dorefa,
  bireal,
  irnet,
  recu,
  rbnn: rbnnWeights,
  siman,
  bop,
  bayesbinn,
  'ste-int16': steInt16,
  pmf,
  'md-tanh': mdTanh,
  proxquant,
  adaste,
  float,
};

export function methodNames(): string[] {
  return Object.keys(METHODS);
}

/** The method called `name` with its options. */
export function createMethod(name: string, options: MethodOptions = {}): TrainingMethod {
  requireOneOf('method', name, methodNames());
  return METHODS[name](options);
}
