/**
 * The rows as a person reads them.
 *
 * @module
 */
import type { Row } from './judge.js';

const number = (value: number | undefined, digits = 0): string =>
  value === undefined ? '' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const COLUMNS: readonly [title: string, cell: (row: Row) => string][] = [
  ['host', ({ host }) => host],
  ['version', ({ version = '' }) => version],
  ['features', ({ features = '' }) => features],
  ['bytes equal', ({ bytesEqual }) => (bytesEqual ? 'yes' : 'no')],
  [
    'load + first, ms',
    ({ firstMs, aimMs }) => `${number(firstMs, 1)}${aimMs !== undefined && firstMs !== undefined ? ` (aim ${aimMs})` : ''}`,
  ],
  ['predictions/s', ({ predictionsPerSecond }) => number(predictionsPerSecond)],
  ['training images/s', ({ imagesPerSecond }) => number(imagesPerSecond)],
  [
    'with threads',
    ({ threads, threadedImagesPerSecond }) => (threads === undefined ? '' : `${number(threadedImagesPerSecond)} (${threads})`),
  ],
];

/** The table, and below it what is wrong. */
export function printed(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const failures = rows.flatMap((row) => row.failures.map((failure) => `FAILED ${row.host}: ${failure}`));
  return [...lines, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
}
