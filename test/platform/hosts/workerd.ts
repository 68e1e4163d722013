/**
 * The runtime of Cloudflare Workers, over HTTP: the bundle of the `workerd` condition, its wasm as modules.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { App, Entry } from '../app.js';
import { type Child, start, within } from './child.js';
import { type Host, installed, pinnedVersion } from './host.js';

const COMPATIBILITY_DATE = '2026-10-01';

/** 1.YYYYMMDD.n of the package is YYYY-MM-DD of the program. */
const pinned = pinnedVersion('workerd').replace(/^\d+\.(\d{4})(\d\d)(\d\d)\..*$/, '$1-$2-$3');

function executable(): string {
  return process.platform === 'win32' ? installed('@cloudflare/workerd-windows-64/bin/workerd') : installed('workerd/bin/workerd');
}

function configuration(main: string, wasm: readonly string[]): string {
  const name = basename(main);
  const modules = [`(name = "${name}", esModule = embed "${name}")`, ...wasm.map((file) => `(name = "${file}", wasm = embed "${file}")`)];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;
}

/** The port that it listens on, which it tells on a control channel. */
async function port(child: Child): Promise<number> {
  const control = child.process.stdio[3] as Readable;
  let text = '';
  for await (const data of control) {
    text += data;
    const found = /"port":(\d+)/.exec(text);
    if (found) return Number(found[1]);
  }
  throw new Error(`it does not listen: ${child.errors()}`);
}

async function run(app: App, entry: Entry): Promise<unknown> {
  const { main, wasm } = await app.bundle(entry, 'workerd');
  const config = join(dirname(main), `${entry}.capnp`);
  writeFileSync(config, configuration(main, wasm));
  const child = start(executable(), ['serve', config, '--control-fd=3'], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  try {
    const answer = async (): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${await port(child)}/`);
      if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()} ${child.errors()}`);
      return response.json();
    };
    return await within(answer(), `workerd: the ${entry} run`);
  } finally {
    await child.stop();
  }
}

export const workerd: Host = { name: 'workerd', threads: false, pinned, aimMs: 10, executable, run };
