/**
 * The command line of `npm run test:platforms`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import type { Host } from './hosts/host.js';

export interface Settings {
  hosts: readonly Host[];
  /** Whether the page of examples/browser is driven, too. */
  page: boolean;
  /** Write bench/results/platforms.json. */
  save: boolean;
  /** Write smoke.json: what Node 24 gives is right from now on. */
  update: boolean;
  /** In which the first prediction is timed. */
  processes: number;
}

const PAGE = 'page';

export const USAGE = `npm run test:platforms [-- options]
  --only NAME …    these hosts, or page: examples/browser in Chromium; without it all
  --save           write the figures to bench/results/platforms.json, for the table of README.md
  --processes N    that time the first prediction on each host (default 7)
  --update         take what Node 24 gives as what every host must give (test/platform/smoke.json)`;

/** Throws with what is wrong. */
export function parseArguments(args: readonly string[], hosts: readonly Host[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      save: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      processes: { type: 'string', default: '7' },
    },
    allowPositionals: true,
  });
  const { only, save, update } = values;
  if (only === undefined && positionals.length > 0) throw new Error(`got ${positionals[0]}, expected an option`);
  const names = only && [...only, ...positionals].flatMap((text) => text.split(',')).filter((name) => name !== '');
  const known = [...hosts.map(({ name }) => name), PAGE];
  for (const name of names ?? []) if (!known.includes(name)) throw new Error(`--only: got ${name}, expected of ${known.join(', ')}`);
  if (save && names !== undefined)
    throw new Error(`--save: got --only ${names.join(' ')}, expected all hosts: the table shows them beside each other`);
  const processes = Number(values.processes);
  if (!Number.isInteger(processes) || processes < 1)
    throw new Error(`--processes: got ${values.processes}, expected a whole number from 1`);
  const chosen = names === undefined ? hosts : hosts.filter(({ name }) => names.includes(name));
  return { hosts: chosen, page: names?.includes(PAGE) ?? true, save, update, processes };
}
