/**
 * Sizes for people.
 *
 * @module
 */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `0 B`, `512 B`, `1.5 KiB`, `437.0 MiB`: in the largest unit that leaves at least 1, with one decimal above bytes. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 1,023.95 would be printed as 1024.0.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
