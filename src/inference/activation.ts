/**
 * What flows between operations, and how it lies in memory: planes `[channels][stride]`, position after position, h * width + w.
 *
 *     'f32'    f32          'int16'  exact sums of a binary product, i16          'bits'   ±1 as i8
 *
 * @module
 */
export type Kind = 'f32' | 'int16' | 'bits';

export interface Activation {
  readonly kind: Kind;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Bytes from one channel to the next. */
  readonly stride: number;
  /** Bytes from the start of the buffer to position 0 of channel 0: a guard zone that kernels may overwrite lies before it. */
  readonly offset: number;
  /** Bytes of the buffer. */
  readonly bytes: number;
}

export const KIND_BYTES: Readonly<Record<Kind, number>> = { f32: 4, int16: 2, bits: 1 };

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * Planes with room for whole vectors: lanes up to a multiple of 64 positions, `guard` positions on both sides, 64 spare bytes. No stride
 * is near a multiple of 4 KiB, where planes would fight for the same lines of the first-level cache.
 */
export function planes(kind: Kind, height: number, width: number, channels: number, guard: number = 0): Activation {
  const size = KIND_BYTES[kind];
  let stride = align((align(height * width) + 2 * guard) * size) + 64;
  const page = stride % 4096;
  if (page < 192 || page > 3904) stride += 256;
  const offset = align(guard * size);
  return { kind, height, width, channels, stride, offset, bytes: offset + channels * stride + 64 };
}

/** A map of 1x1 as a dense vector. */
export function vector(kind: Kind, channels: number): Activation {
  const size = KIND_BYTES[kind];
  return { kind, height: 1, width: 1, channels, stride: size, offset: 0, bytes: align(channels * size) + 64 };
}

/** For kernels that go plane by plane and write no value too many. */
export function tight(kind: Kind, height: number, width: number, channels: number): Activation {
  return height * width === 1 ? vector(kind, channels) : planes(kind, height, width, channels);
}

/** For messages: `f32 [28, 28, 1]`. */
export function describe({ kind, height, width, channels }: Activation): string {
  return `${kind} [${height}, ${width}, ${channels}]`;
}
