/**
 * Trainable parameters of a built network.
 *
 * @module
 */

/** f32 parameter. Buffers are padded with zeros to a multiple of 4. */
export interface RealParameter {
  kind: 'real';
  name: string;
  /** Name of the step that has it. */
  owner: string;
  /** Logical shape; weights are [cout, kh, kw, cin]. */
  shape: number[];
  size: number;
  data: number;
  gradient: number;
}

/** The sizes of a binary weight. */
export interface BinaryShape {
  cout: number;
  kernelHeight: number;
  kernelWidth: number;
  cin: number;
}

/**
 * ±1 weights. The network reads `words` and `wordsT` and writes `gradient`; a training method owns everything behind them.
 * Latent-like arrays and the gradient share one layout, f32 [ceil(cout / 32)][tap][cin][32], whose spare lanes are 0.
 */
export interface BinaryParameter {
  kind: 'binary';
  name: string;
  /** Name of the step that has it. */
  owner: string;
  shape: BinaryShape;
  /** Number of weights. */
  size: number;
  /** Floats of an array in the common layout. */
  elements: number;
  gradient: number;
  /**
   * f32 [cout], from 0: what the sums of a filter are multiplied by, forward, backward and in the exported file. 1 unless the method sets it, together with
   * the words. The gradient is that of the signs, so it has the scale in it: with b = scale sign(w), gradient = scale dL/db.
   */
  scale: number;
  /** f32 in the common layout: the weights of the forward pass, which the method writes together with the words; 0 where these are the weights. */
  real: number;
  /** Where every group of 64 images has a draw and a gradient of its own: of the groups behind the first, in the layouts of `words`, `wordsT` and `gradient`. */
  groups?: { words: number; wordsT: number; gradient: number }[];
  /** u64 [tap][ceil(cin / 64)][cout], bits along cin; bit 1 = -1. */
  words: number;
  /** u64 [tap][ceil(cout / 64)][cin], bits along cout. */
  wordsT: number;
  wordBytes: number;
  wordTBytes: number;
  /** Blocks of 64 x 64 weights: work items of sampling. */
  blocks: number;
}

export type Parameter = RealParameter | BinaryParameter;

/** Index of weight (c, tap, i) in the common layout. */
export function latentIndex(shape: BinaryShape, c: number, tap: number, i: number): number {
  const taps = shape.kernelHeight * shape.kernelWidth;
  return (((c >> 5) * taps + tap) * shape.cin + i) * 32 + (c & 31);
}
