/**
 * Hosts that run a file and print: Node, Deno, Bun.
 *
 * @module
 */
import type { App, Entry } from '../app.js';
import { start, within } from './child.js';
import { type Host, installed, pinnedVersion } from './host.js';

export interface ProgramOptions {
  name: string;
  /** In scripts/hosts/package.json; default: the name. */
  package?: string;
  /** Below node_modules. */
  path: string;
  extension?: string;
  /** In front of the file. */
  args?: readonly string[];
  aimMs?: number;
}

export function programHost(options: ProgramOptions): Host {
  const { name, path, extension, args = [], aimMs } = options;
  const executable = (): string => installed(path, extension);
  return {
    name,
    threads: true,
    pinned: pinnedVersion(options.package ?? name),
    aimMs,
    executable,
    async run(app: App, entry: Entry): Promise<unknown> {
      const child = start(executable(), [...args, app.program(entry)], { cwd: app.folder });
      let output = '';
      child.process.stdout?.on('data', (data) => {
        output += data;
      });
      try {
        const code = await within(child.ended, `${name}: the ${entry} run`);
        if (code !== 0) throw new Error(`it ended with code ${code}: ${child.errors()}`);
        return JSON.parse(output);
      } finally {
        await child.stop();
      }
    },
  };
}
