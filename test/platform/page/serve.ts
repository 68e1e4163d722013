// examples/browser as a user has it: installed in a folder of its own with the packed tarball, type-checked, built, and served by its own vite.
import { execFileSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installExample } from '../../helpers/example.js';
import { root } from '../root.js';

export interface ServedPage {
  /** With the headers that isolate the page, and without. */
  isolated: string;
  plain: string;
  close(): Promise<void>;
}

export async function servePage(): Promise<ServedPage> {
  const folder = installExample('browser');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' });
  const vite = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'node_modules/vite/dist/node/index.js')).href);
  const quiet = { root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'warn' };
  await vite.build(quiet);
  const serve = (mode: string) => vite.preview({ ...quiet, mode, preview: { port: 0, strictPort: true } });
  const servers = [await serve('production'), await serve('unthreaded')];
  const [isolated, plain] = servers.map(({ httpServer }) => `http://localhost:${(httpServer.address() as AddressInfo).port}/`);
  return {
    isolated,
    plain,
    async close() {
      for (const server of servers) await server.close();
    },
  };
}
