/** Writers of idx files for tests, byte by byte from the format's definition. */
import { Buffer } from 'node:buffer';

export function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
}

export function idxImages(count: number, height: number, width: number, pixel: (i: number) => number): Uint8Array {
  return Buffer.from([...u32(0x803, count, height, width), ...Array.from({ length: count * height * width }, (_, i) => pixel(i))]);
}

export function idxLabels(labels: readonly number[]): Uint8Array {
  return Buffer.from([...u32(0x801, labels.length), ...labels]);
}
