// PNG files byte by byte from their specification (RFC 2083), of kinds that encoders here do not write.
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

export interface PngParts {
  width: number;
  height: number;
  /** Bits of a sample. */
  depth: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 indexed, 4 grey and alpha, 6 RGBA. */
  colour: 0 | 2 | 3 | 4 | 6;
  /** Rows as they are stored, without their filter byte. */
  rows: readonly (readonly number[])[];
  /** Chunks between header and pixels, by name. */
  chunks?: Readonly<Record<string, readonly number[]>>;
}

function chunk(name: string, data: readonly number[]): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), Buffer.from(data)]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

export function buildPng({ width, height, depth, colour, rows, chunks = {} }: PngParts): Uint8Array<ArrayBuffer> {
  const pixels = deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])));
  const parts = [
    chunk('IHDR', [...u32(width), ...u32(height), depth, colour, 0, 0, 0]),
    ...Object.entries(chunks).map(([name, data]) => chunk(name, data)),
    chunk('IDAT', [...pixels]),
    chunk('IEND', []),
  ];
  return new Uint8Array(Buffer.concat([Buffer.from(SIGNATURE), ...parts]));
}

/** Samples of `depth` bits, packed from the high bit on as PNG packs a row. */
export function packSamples(samples: readonly number[], depth: 1 | 2 | 4): number[] {
  const bytes = new Array<number>(Math.ceil((samples.length * depth) / 8)).fill(0);
  samples.forEach((sample, i) => {
    bytes[(i * depth) >> 3] |= sample << (8 - depth - ((i * depth) & 7));
  });
  return bytes;
}
