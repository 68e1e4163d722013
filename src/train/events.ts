/**
 * What a training run reports, one object per event.
 *
 * @module
 */
import type { GradientReport } from '../nn/gradient-log.js';
import type { Selection } from './exports/choice.js';
import type { Profile } from './profile.js';

/** Health of one layer over an epoch. Shares are 0..1. */
export interface LayerReport {
  name: string;
  /** Binary weights: share whose sign changed per step. */
  flips?: number;
  /** Stochastic methods: share of signs that differ between sample and mode. */
  sampleFlips?: number;
  /** In front of a sign: share of activations with |a| > 1, which get no gradient (last batch). */
  deadActivations?: number;
}

export interface StartEvent {
  type: 'start';
  model: string;
  method: string;
  /** Of the latent weights. */
  optimizer: string;
  /** Samples. */
  train: number;
  validation: number;
  test: number;
  /** As asked for, or as planned for a time budget. */
  epochs: number;
  /** Epochs that were done before: empty unless the run was resumed. */
  history: EpochEvent[];
  stepsPerEpoch: number;
  batchSize: number;
  threads: number;
  parameters: number;
  binaryParameters: number;
  warnings: string[];
}

export interface BatchEvent {
  type: 'batch';
  /** From 0. */
  epoch: number;
  /** From 0, within the epoch. */
  batch: number;
  batches: number;
  /** Mean over this batch. */
  loss: number;
  /** Of this batch, 0..1. */
  accuracy: number;
  learningRate: number;
  /**
   * Share of the binary weights whose sign was seen to change since the batch before, 0..1: mostly by the update before this batch's, since signs are taken
   * at the start of a step. Undefined without binary weights.
   */
  flips?: number;
}

export interface EpochEvent {
  type: 'epoch';
  epoch: number;
  epochs: number;
  /** Means over the epoch's training batches. */
  loss: number;
  accuracy: number;
  /** Of the mode's weights; undefined without a validation split. */
  validationLoss?: number;
  validationAccuracy?: number;
  /** Of the mode's weights, with `logTest`; it selects nothing. */
  testAccuracy?: number;
  /** Whether this epoch is kept so far. */
  best: boolean;
  layers: LayerReport[];
  /** Training steps alone. */
  imagesPerSecond: number;
  seconds: number;
}

/** With the option `logGradients`: how rounded gradients compare with the exact ones of the same step. */
export interface GradientsEvent {
  type: 'gradients';
  /** From 0, over the whole run. */
  step: number;
  /** Binary layers, the last one first. */
  layers: GradientReport[];
}

export interface DoneEvent {
  type: 'done';
  /** The epoch whose weights are kept. */
  epoch: number;
  /** Of the exported weights (mode or sample) on the test set; undefined without one. */
  testAccuracy?: number;
  /** Mean of -ln of the label's probability. */
  testLoss?: number;
  /** Expected calibration error, 0..1: |accuracy - confidence| in ten bins of confidence, weighted by their samples. */
  testCalibrationError?: number;
  /** Of the mean logits of `samples` sampled networks, or of the members that are exported; undefined for methods without noise. */
  ensembleAccuracy?: number;
  ensembleLoss?: number;
  ensembleCalibrationError?: number;
  /** Of `exportDraw: bestOf(n)`. */
  selection?: Selection;
  /** Training steps alone, without evaluation. */
  imagesPerSecond: number;
  seconds: number;
  /** With the option `profile`: of this process's steps. */
  profile?: Profile;
}

export type TrainEvent = StartEvent | BatchEvent | GradientsEvent | EpochEvent | DoneEvent;
