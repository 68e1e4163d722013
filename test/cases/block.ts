/**
 * Maps and batches for the kernels between two products: around the tile of 32 channels, one and two groups of images.
 *
 * @module
 */
export interface BlockCase {
  name: string;
  images: number;
  /** Images that count. */
  count: number;
  positions: number;
  channels: number;
}

const ROWS: [positions: number, channels: number, count: number][] = [
  [1, 1, 1],
  [1, 31, 64],
  [1, 129, 65],
  [9, 5, 63],
  [6, 32, 64],
  [4, 33, 65],
  [3, 65, 100],
  [35, 7, 128],
];

export const BLOCK_CASES: BlockCase[] = ROWS.map(([positions, channels, count]) => ({
  name: `${positions} positions, ${channels} channels, ${count} images`,
  images: Math.ceil(count / 64) * 64,
  count,
  positions,
  channels,
}));

export interface PoolCase {
  name: string;
  images: number;
  height: number;
  width: number;
  channels: number;
  size: number;
  stride: number;
}

const POOLS: [height: number, width: number, channels: number, size: number, stride: number, groups: number][] = [
  [2, 2, 1, 2, 2, 1],
  [5, 7, 33, 2, 2, 2],
  [4, 4, 65, 2, 2, 1],
  [8, 7, 5, 3, 3, 2],
  [9, 17, 3, 3, 3, 1],
  [3, 3, 31, 1, 1, 1],
  [5, 4, 7, 3, 3, 1],
];

export const POOL_CASES: PoolCase[] = POOLS.map(([height, width, channels, size, stride, groups]) => ({
  name: `window ${size}, ${height}x${width}, ${channels} channels, ${groups * 64} images`,
  images: groups * 64,
  height,
  width,
  channels,
  size,
  stride,
}));
