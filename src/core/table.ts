/**
 * Tables as text.
 *
 * @module
 */

/** Columns padded to their widest cell, two spaces apart: the first `left` ones to the left, numbers to the right. */
export function alignTable(rows: readonly (readonly string[])[], left: number = 2): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
