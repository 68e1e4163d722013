/** ±1 weights [rows][cin] as in a model file: U8 [rows][ceil(cin / 8)], bit i of byte j = channel 8 j + i, 1 = -1. */
export function packSigns(weight: ArrayLike<number>, cin: number): Uint8Array {
  const rowBytes = Math.ceil(cin / 8);
  const rows = weight.length / cin;
  const packed = new Uint8Array(rows * rowBytes);
  for (let r = 0; r < rows; r++) for (let i = 0; i < cin; i++) if (weight[r * cin + i] < 0) packed[r * rowBytes + (i >> 3)] |= 1 << (i & 7);
  return packed;
}

/** The way back: [rows][cin] of ±1. */
export function unpackSigns(packed: ArrayLike<number>, cin: number): number[] {
  const rowBytes = Math.ceil(cin / 8);
  const rows = packed.length / rowBytes;
  return Array.from({ length: rows * cin }, (_, k) => {
    const [r, i] = [Math.floor(k / cin), k % cin];
    return (packed[r * rowBytes + (i >> 3)] >> (i & 7)) & 1 ? -1 : 1;
  });
}
