// Packed bits by their definition, one bit after the other, and as BigInts.

/** Rows of ±1 (or of any numbers, of which the sign counts) -> u8 [rows][ceil(columns / 8)], bit i of byte j = column 8 j + i, 1 = -1. */
export function bitsOf(values: ArrayLike<number>, columns: number): Uint8Array {
  const rowBytes = Math.ceil(columns / 8);
  const packed = new Uint8Array((values.length / columns) * rowBytes);
  for (let i = 0; i < values.length; i++) {
    const column = i % columns;
    if (values[i] < 0) packed[((i - column) / columns) * rowBytes + Math.floor(column / 8)] += 2 ** (column % 8);
  }
  return packed;
}

function bigIntOf(bytes: Uint8Array): bigint {
  return [...bytes].reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

const ones = (value: bigint): number => value.toString(2).split('1').length - 1;

/** [queries][codes] */
export function distances(codes: Uint8Array, queries: Uint8Array, bits: number): number[] {
  const rowBytes = Math.ceil(bits / 8);
  const rows = (packed: Uint8Array): bigint[] =>
    Array.from({ length: packed.length / rowBytes }, (_, i) => bigIntOf(packed.slice(i * rowBytes, (i + 1) * rowBytes)));
  const all = rows(codes);
  return rows(queries).flatMap((query) => all.map((code) => ones(code ^ query)));
}

/** Of one query. */
export function nearest(codes: Uint8Array, query: Uint8Array, k: number, bits: number): { indices: number[]; distances: number[] } {
  const pairs = distances(codes, query, bits).map((distance, index) => ({ distance, index }));
  const found = pairs.sort((a, b) => a.distance - b.distance || a.index - b.index).slice(0, k);
  return { indices: found.map(({ index }) => index), distances: found.map(({ distance }) => distance) };
}
