/**
 * The contract of a picture format: what `image-file.ts` needs to know to read one.
 *
 * @module
 */

/** A picture whose file is whole, but not decoded yet: a small file may claim a picture of gigabytes. */
export interface OpenImage {
  readonly width: number;
  readonly height: number;
  /** RGBA, u8 [height, width, 4]. Throws what is wrong with the file. */
  decode(): Uint8Array;
}

export interface ImageFormat {
  readonly name: string;
  /** The first bytes of every such file. */
  readonly signature: readonly number[];
  /** Walks through the file without decoding it, so that a truncated one is found. Throws what is wrong with it: `it is truncated`. */
  open(bytes: Buffer): OpenImage;
}

/** What is wrong with a file, in words for its owner. */
export class PictureError extends Error {}
