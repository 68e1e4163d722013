/**
 * Tables as text.
 *
 * @module
 */

/** Columns padded to their widest cell, two spaces apart: the first two to the left, numbers to the right. */
export function alignTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
