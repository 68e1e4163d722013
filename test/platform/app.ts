/**
 * The apps of the tests, as users have them: the packed tarball, installed in a folder of its own, and programs that import it by name.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { pack } from '../helpers/example.js';
import { root } from './root.js';

const ENTRIES = ['first', 'smoke'] as const;
export type Entry = (typeof ENTRIES)[number];

/** How an entry is started: what it does with its report. */
const STARTS = {
  program: (run: string) => `console.log(JSON.stringify(await ${run}));`,
  browser: (run: string) =>
    `${run}.then((report) => postMessage({ report }), (error) => postMessage({ error: String(error?.stack ?? error) }));`,
  workerd: (run: string) => `export default { async fetch() {
    try { return Response.json(await ${run}); } catch (error) { return new Response(error?.stack ?? error, { status: 500 }); }
  } };`,
};
type Start = keyof typeof STARTS;

export interface Bundle {
  main: string;
  /** Names of the wasm files beside it that it imports. */
  wasm: string[];
}

export class App {
  readonly folder: string;
  readonly #bundles: Map<string, Promise<Bundle>> = new Map();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Packs what is built, installs it in `folder`, and writes the programs. `model`: the bytes that they load. */
  static async create(folder: string, model: Uint8Array): Promise<App> {
    installTarball(folder);
    const bundle = await rolldown({
      input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(root, 'test/platform/apps', `${entry}.ts`)])),
      external: /^bitgauss(\/|$)/,
      resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    });
    await bundle.write({ dir: folder, format: 'es' });
    await bundle.close();
    const base64 = Buffer.from(model).toString('base64');
    writeFileSync(join(folder, 'model.js'), `export default Uint8Array.from(atob('${base64}'), (character) => character.charCodeAt(0));\n`);
    for (const entry of ENTRIES)
      for (const [start, code] of Object.entries(STARTS))
        writeFileSync(
          join(folder, `${entry}-${start}.js`),
          `import model from './model.js';\nimport { run } from './${entry}.js';\n${code('run(model)')}\n`,
        );
    return new App(folder);
  }

  /** For hosts that resolve packages by themselves. */
  program(entry: Entry): string {
    return join(this.folder, `${entry}-program.js`);
  }

  /** One file, by the export conditions of the host. */
  bundle(entry: Entry, start: Exclude<Start, 'program'>): Promise<Bundle> {
    const key = `${entry}-${start}`;
    const known = this.#bundles.get(key) ?? bundleApp(join(this.folder, `${key}.js`), join(this.folder, 'bundles', `${key}.js`), start);
    this.#bundles.set(key, known);
    return known;
  }
}

function installTarball(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const args = ['install', '--no-audit', '--no-fund', '--offline', '--ignore-scripts', pack(folder)];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** wasm files stay modules of their own, beside the bundle. */
async function bundleApp(input: string, output: string, condition: string): Promise<Bundle> {
  const wasm: string[] = [];
  mkdirSync(dirname(output), { recursive: true });
  const bundle = await rolldown({
    input,
    platform: 'browser',
    resolve: { conditionNames: [condition, 'import', 'default'] },
    plugins: [
      {
        name: 'wasm',
        resolveId(source, importer) {
          if (!source.endsWith('.wasm') || importer === undefined) return null;
          const file = resolve(dirname(importer), source);
          const name = basename(file);
          copyFileSync(file, join(dirname(output), name));
          wasm.push(name);
          return { id: `./${name}`, external: true };
        },
      },
    ],
  });
  await bundle.write({ file: output, format: 'es', codeSplitting: false });
  await bundle.close();
  if (/\bfrom\s*["']bitgauss/.test(readFileSync(output, 'utf8'))) throw new Error(`${output}: the package is not in the bundle`);
  return { main: output, wasm };
}
