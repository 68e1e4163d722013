// What an application that predicts, and one that trains with one method, have to download. `node scripts/sizes.mjs --save` records it.
import { expect, test } from 'vitest';
import { APPS, changes, measure, recorded } from '../../scripts/sizes.mjs';

/** Growth that need not be recorded: what a compressor makes of an edit. */
const TOLERANCE = 0.005;

const sizes = await measure();

test.each(Object.entries(APPS))('%s is within its limit, and its growth is on record', (name, { limit = Number.POSITIVE_INFINITY }) => {
  const now = sizes[name];
  const before = recorded()[name];
  const report = [`${name}: ${now.gzip} bytes minified and gzipped, recorded ${before.gzip}, limit ${limit}`, ...changes(now, before)].join(
    '\n',
  );
  console.log(report);
  expect(now.gzip, report).toBeLessThanOrEqual(limit);
  expect(now.gzip, `${report}\nIf the growth is worth it: node scripts/sizes.mjs --save`).toBeLessThanOrEqual(
    before.gzip * (1 + TOLERANCE),
  );
});
