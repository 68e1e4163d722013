// What the page and its two workers say to each other: the coordinator, which trains, and the reader, which predicts.
import type { Features, Prediction } from 'bitgauss';

import type { TrainEvent } from 'bitgauss/train';

export type MethodName = 'ste' | 'vispa';

export type Command =
  | { type: 'open'; files: readonly File[] | 'digits' }
  | { type: 'train'; method: MethodName; epochs: number }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'stop' };

export interface DataFacts {
  format: 'digits' | 'idx' | 'cifar10' | 'cifar100';
  train: number;
  test: number;
  shape: { height: number; width: number; channels: number };
  classes: number;
}

export type Report =
  /** What training can use, first of all. */
  | { type: 'host'; features: Features; cores: number }
  | { type: 'data'; facts: DataFacts }
  /** `imagesPerSecond`: of training steps, smoothed; undefined before it is known. */
  | { type: 'event'; event: TrainEvent; imagesPerSecond: number | undefined }
  /** The network as it is now: the bytes of a model file. */
  | { type: 'model'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'paused' }
  /** The run has ended, by itself or because it was told to; the last model before is the best epoch's. */
  | { type: 'ended'; stopped: boolean }
  | { type: 'failed'; doing: 'open' | 'train'; message: string };

/** To the reader: a network to take from now on, something to classify, or both. */
export interface Question {
  id: number;
  bytes?: Uint8Array<ArrayBuffer>;
  pixels?: Uint8Array | Uint8ClampedArray;
}

export interface Reply {
  id: number;
  /** Undefined where there were no pixels, or no network yet. */
  prediction?: Prediction;
  error?: string;
}
