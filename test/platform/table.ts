/**
 * The rows as a person reads them.
 *
 * @module
 */
import type { Row } from './judge.js';
import type { PageRow } from './page/run-page.js';

const number = (value: number | undefined, digits = 0): string =>
  value === undefined ? '' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

type Columns<R> = readonly (readonly [title: string, cell: (row: R) => string])[];

const HOSTS: Columns<Row> = [
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

const PAGES: Columns<PageRow> = [
  ['page in Chromium', ({ page }) => page],
  ['version', ({ version = '' }) => version],
  ['to 95 %, s', ({ secondsTo95 }) => number(secondsTo95, 1)],
  ['accuracy', ({ accuracy = '' }) => accuracy],
  ['training images/s', ({ imagesPerSecond = '' }) => imagesPerSecond],
  ['tasks > 50 ms', ({ longTasks }) => number(longTasks)],
];

export const hostTable = (rows: readonly Row[]): string => table(HOSTS, rows, ({ host }) => host);
export const pageTable = (rows: readonly PageRow[]): string => table(PAGES, rows, ({ page }) => page);

/** The table, and below it what is wrong. */
function table<R extends { failures: string[] }>(columns: Columns<R>, rows: readonly R[], name: (row: R) => string): string {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const failures = rows.flatMap((row) => row.failures.map((failure) => `FAILED ${name(row)}: ${failure}`));
  return [...lines, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
}
