/**
 * The number formats of dY, the gradient of a binary product's output, from which dX and dW come by the lookup kernels.
 *
 *     int16        |q| <= 511, which stands for the bound of |dY|
 *     int8         |q| <= 15, for .6 of it
 *     int8-fast    |q| <= 6, for .4 of it
 *     f32          as it is
 *
 * Integers are rounded stochastically, with one scale per image in the copy for dX and one per output channel in the copy for dW. Few steps up to
 * the largest value of a long tail leave most values at 0; clamping the tail, a percent or so of the values, costs less (docs/cifar10.md).
 *
 * @module
 */

export type GradientType = 'int16' | 'int8' | 'int8-fast' | 'f32';

export interface GradientFormat {
  /** Largest |q|; 0: not an integer. The kernels of i8 take up to 16, and up to 6 faster. */
  readonly qmax: number;
  /** What qmax stands for over the bound of |dY|, 0..1; what lies beyond is clamped. */
  readonly reach: number;
  readonly bytes: 1 | 2 | 4;
  /** Of the values in kernel names. */
  readonly type: 'i8' | 'i16' | 'f32';
  /** Of the input gradient. */
  readonly dx: 'i16' | 'f32';
  /** Of the sums of the weight gradient. */
  readonly dw: 'i32' | 'f32';
}

export const GRADIENT_FORMATS: Readonly<Record<GradientType, GradientFormat>> = {
  int16: { qmax: 511, reach: 1, bytes: 2, type: 'i16', dx: 'i16', dw: 'i32' },
  int8: { qmax: 15, reach: 0.6, bytes: 1, type: 'i8', dx: 'i16', dw: 'i32' },
  'int8-fast': { qmax: 6, reach: 0.4, bytes: 1, type: 'i8', dx: 'i16', dw: 'i32' },
  f32: { qmax: 0, reach: 1, bytes: 4, type: 'f32', dx: 'f32', dw: 'f32' },
};

/** All of them, the default first. */
export function gradientTypes(): GradientType[] {
  return Object.keys(GRADIENT_FORMATS) as GradientType[];
}
