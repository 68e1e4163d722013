// From the bytes of a model file to its first prediction, the first call ever in a fresh process whose modules are imported.
//   npm run bench -- first-prediction [--model FILE] [--processes N] [--save]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { option, record, summarize } from '../harness.mjs';

const DEFAULT = fileURLToPath(new URL('../../examples/models/mnist-convnet.safetensors', import.meta.url));

/** Runs in a process of its own. Nothing of the file or of wasm is touched before the clock starts. */
async function child(file, how) {
  const { loadModel, loadModelSync } = await import('../../dist/index.js');
  const bytes = new Uint8Array(readFileSync(file));
  const pixels = Uint8Array.from({ length: 28 * 28 }, (_, i) => (i * 37) & 255);
  const start = performance.now();
  const model = how === 'loadModel' ? await loadModel(bytes) : loadModelSync(bytes);
  const loaded = performance.now();
  model.predict(pixels);
  const end = performance.now();
  console.log(JSON.stringify({ load: loaded - start, predict: end - loaded, total: end - start }));
}

const inChild = process.argv.indexOf('--in-child');
if (inChild !== -1) await child(process.argv[inChild + 1], process.argv[inChild + 2]);
else {
  const file = option('--model', DEFAULT);
  const processes = Number(option('--processes', 21));
  const HOWS = ['loadModel', 'loadModelSync'];
  const times = Object.fromEntries(HOWS.map((how) => [how, []]));
  for (let i = 0; i < processes; i++)
    for (const how of HOWS) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--in-child', file, how], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      times[how].push(JSON.parse(stdout));
    }
  const rounded = (value) => Number(value.toFixed(2));
  const rows = HOWS.map((how) => {
    const of = (part) => summarize(times[how].map((time) => time[part]));
    const total = of('total');
    return {
      call: how,
      ms: rounded(total.median),
      bestMs: rounded(total.best),
      loadMs: rounded(of('load').median),
      predictMs: rounded(of('predict').median),
      processes,
    };
  });
  console.table(rows);
  if (process.argv.includes('--save'))
    record(`first-prediction-node${process.versions.node.split('.')[0]}`, 'npm run bench -- first-prediction --save', rows);
}
