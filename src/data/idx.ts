/**
 * The idx format of the MNIST family: big-endian header, then bytes.
 *
 *   images: u32 0x00000803, u32 N, u32 H, u32 W, u8 [N, H, W]
 *   labels: u32 0x00000801, u32 N, u8 [N]
 *
 * The third byte of the magic number is the element type (08 = u8), the fourth the number of dimensions.
 *
 * @module
 */
import { dataError } from '../core/errors.js';
import { arrayDataset } from './array-dataset.js';
import type { NamedBytes } from './data-file.js';
import type { Dataset } from './dataset.js';

export interface IdxImages {
  count: number;
  height: number;
  width: number;
  /** u8 `[N, H, W]`, a view of the file's bytes. */
  pixels: Uint8Array;
}

const IMAGES_MAGIC = 0x803;
const LABELS_MAGIC = 0x801;

/** Whether bytes begin as a file of images, or of labels, does. */
export function isIdxImages(bytes: Uint8Array): boolean {
  return magicOf(bytes) === IMAGES_MAGIC;
}

export function isIdxLabels(bytes: Uint8Array): boolean {
  return magicOf(bytes) === LABELS_MAGIC;
}

function magicOf(bytes: Uint8Array): number | undefined {
  return bytes.length < 4 ? undefined : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

export function parseIdxImages(file: NamedBytes): IdxImages {
  const [count, height, width] = dimensions(file, IMAGES_MAGIC, 3);
  return { count, height, width, pixels: file.bytes.subarray(16) };
}

/** u8 `[N]`, a view of the file's bytes; every label is below `classes`. */
export function parseIdxLabels(file: NamedBytes, classes: number): Uint8Array {
  dimensions(file, LABELS_MAGIC, 1);
  const labels = file.bytes.subarray(8);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] >= classes) throw dataError(`${file.name}: label ${i}`, labels[i], `0 to ${classes - 1}`);
  }
  return labels;
}

/** The data set in a file of images and a file of labels. */
export function idxDataset(images: NamedBytes, labels: NamedBytes, classNames: readonly string[]): Dataset {
  const { count, height, width, pixels } = parseIdxImages(images);
  const classes = parseIdxLabels(labels, classNames.length);
  if (classes.length !== count) throw dataError(`${labels.name}: labels`, classes.length, `${count}, one for each image in ${images.name}`);
  return arrayDataset({ images: pixels, labels: classes, shape: { height, width, channels: 1 }, classNames });
}

/** Checks magic number and file size; returns the `rank` dimensions, each at least 1. */
function dimensions({ name, bytes }: NamedBytes, magic: number, rank: number): number[] {
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw dataError(`${name}: size`, `${bytes.length} bytes`, `a header of ${header} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) throw dataError(`${name}: magic number`, hex(view.getUint32(0)), hex(magic));
  const sizes: number[] = [];
  let expected = 1;
  for (let i = 0; i < rank; i++) {
    const size = view.getUint32(4 + 4 * i);
    if (size === 0) throw dataError(`${name}: dimension ${i}`, 0, 'at least 1');
    sizes.push(size);
    expected *= size;
  }
  // Three u32 multiply to at most 2^96: inexact in a double from 2^53 on, but then far above any length of a typed array.
  if (bytes.length !== header + expected) {
    const what = bytes.length < header + expected ? 'truncated, size' : 'too long, size';
    throw dataError(`${name}: ${what}`, `${bytes.length} bytes`, `${header + expected} for dimensions ${sizes.join(' x ')}`);
  }
  return sizes;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
