/**
 * Browsers without a driver: a page of a server here starts the app in a dedicated worker and posts what it reports.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import type { App, Entry } from '../app.js';
import { start, within } from './child.js';
import type { Host } from './host.js';

/** They isolate the page, so that it may share memory with its workers. */
const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const PAGE = `<!doctype html><script type="module">
const post = (outcome) => fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
const worker = new Worker('/worker.js', { type: 'module' });
worker.onmessage = ({ data }) => post(data);
worker.onerror = ({ message }) => post({ error: 'the worker failed: ' + message });
</script>`;

interface Outcome {
  report?: unknown;
  error?: string;
}

/** Serves the page; `outcome` is what it posts. */
async function serve(script: string): Promise<{ url: string; outcome: Promise<Outcome>; close(): void }> {
  let settle: (outcome: Outcome) => void = () => {};
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (type: string, body: string, status = 200): void => {
      response.writeHead(status, { ...HEADERS, 'Content-Type': type }).end(body);
    };
    if (request.url === '/') send('text/html', PAGE);
    else if (request.url === '/worker.js') send('text/javascript', script);
    else if (request.url === '/outcome') {
      let body = '';
      for await (const data of request) body += data;
      send('text/plain', '');
      settle(JSON.parse(body));
    } else send('text/plain', 'no such page', 404);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => settle({ error: error.message }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, outcome, close };
}

export interface BrowserOptions {
  name: string;
  /** Names of its program, searched for in PATH; paths are taken as they are. */
  programs: readonly string[];
  /** The Debian package that holds it. */
  package: string;
  /** Arguments for a new, empty profile and an address, without a window; it may write files into the profile first. */
  args(profile: string, url: string): string[];
}

/** BITGAUSS_<NAME>, else the first of the programs that is there. */
export function findProgram({ name, programs }: Pick<BrowserOptions, 'name' | 'programs'>): string | undefined {
  const chosen = process.env[`BITGAUSS_${name.toUpperCase()}`];
  if (chosen) return existsSync(chosen) ? chosen : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = programs.flatMap((program) => (program.includes('/') ? [program] : folders.map((folder) => join(folder, program))));
  return paths.find((path) => existsSync(path));
}

export function browserHost(options: BrowserOptions): Host & { readonly package: string } {
  const { name, programs, args } = options;
  const executable = (): string => {
    const found = findProgram(options);
    const variable = `BITGAUSS_${name.toUpperCase()}`;
    if (found !== undefined) return found;
    if (process.env[variable]) throw new Error(`${variable}: ${process.env[variable]}: no such file`);
    throw new Error(`none of ${programs.join(', ')} was found; install it (npm run hosts:install does, where apt may) or set ${variable}`);
  };
  return {
    name,
    package: options.package,
    threads: true,
    executable,
    async run(app: App, entry: Entry): Promise<unknown> {
      const { main } = await app.bundle(entry, 'browser');
      const server = await serve(readFileSync(main, 'utf8'));
      const profile = mkdtempSync(join(app.folder, 'profile-'));
      const child = start(executable(), args(profile, server.url), { stdio: ['ignore', 'ignore', 'pipe'] });
      try {
        const early: Promise<Outcome> = child.ended.then((code) => ({ error: `it ended with code ${code}: ${child.errors()}` }));
        const { report, error } = await within(Promise.race([server.outcome, early]), `${name}: the ${entry} run`);
        if (error !== undefined) throw new Error(error);
        return report;
      } finally {
        await child.stop();
        server.close();
        rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      }
    },
  };
}
