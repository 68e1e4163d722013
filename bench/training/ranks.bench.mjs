// What VISPA costs beside STE: one training step of VGG-Small at width 1, batch 128, int16 gradients, one thread, random images, by rank and optimizer.
//   npm run bench -- ranks [--optimizers sgd,muon] [--ranks 0,1,2,4,8] [--rounds N] [--save]
// All sessions are alive at once and take a step in turn, so that a slow moment hits all of them. Forward pass, backward pass and the update of real-valued
// parameters are the same work for all, so it is timed over all of them; a ratio is (that + draws and updates of the binary weights) / the same of STE.
import { normalizationTable } from '../../build/js/core/normalization.js';
import { vggSmall } from '../../build/js/models/vgg-small.js';
import { ste } from '../../build/js/train/methods/ste.js';
import { vispa } from '../../build/js/train/methods/vispa.js';
import { adamw } from '../../build/js/train/optimizers/adamw.js';
import { createOptimizer } from '../../build/js/train/optimizers/registry.js';
import { Pace } from '../../build/js/train/pace.js';
import { StepProfile } from '../../build/js/train/profile.js';
import { TrainingSession } from '../../build/js/train/session.js';
import { summary } from '../../build/js/train/summary.js';
import { option, record, summarize } from '../harness.mjs';

const BATCH = 128;
const rounds = Number(option('--rounds', '7'));
const ranks = option('--ranks', '0,1,2,4,8').split(',').map(Number);
const optimizers = option('--optimizers', 'sgd,muon').split(',');
const shape = { height: 32, width: 32, channels: 3 };
const classes = 10;
const three = (x) => Number(x.toPrecision(3));

async function start(optimizer, method) {
  const session = await TrainingSession.create({
    model: vggSmall({ classes }),
    input: { shape, type: 'u8', table: normalizationTable([0.5, 0.5, 0.5], [0.25, 0.25, 0.25]) },
    classes,
    batchSize: BATCH,
    gradients: 'int16',
    seed: 0,
    method,
    optimizer: createOptimizer(optimizer),
    realOptimizer: adamw(),
    threads: 1,
  });
  const { images, labels } = session.network.batchViews();
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i, 2654435761) >>> 24;
  for (let i = 0; i < BATCH; i++) labels[i] = i % classes;
  session.profile = new StepProfile(session.network.steps, 1);
  return { session, method, steps: 0, rests: [], weights: [] };
}

/** One step; milliseconds of it, and of them on the weights: draws and updates of the binary layers. */
async function step(run) {
  const begin = performance.now();
  await run.session.step(BATCH, run.steps++, 1e6, { latent: 0.001, real: 0.001 }, new Pace());
  const ms = performance.now() - begin;
  const weights = run.session.profile
    .take()
    .rows.filter(({ layer, phase }) => /binary/.test(layer) && (phase === 'update' || phase === 'draw'))
    .reduce((sum, row) => sum + row.ms, 0);
  return { rest: ms - weights, weights };
}

async function memory(optimizer, method) {
  const options = { input: shape, classes, batchSize: BATCH, gradients: 'int16', method, optimizer: createOptimizer(optimizer) };
  const { total, optimizer: states } = (await summary(vggSmall({ classes }), options)).memory;
  return { bytes: total, stateBytes: states };
}

const results = [];
for (const optimizer of optimizers) {
  const runs = [];
  for (const method of [ste(), ...ranks.map((rank) => vispa({ rank }))]) runs.push(await start(optimizer, method));
  for (const run of runs) for (let i = 0; i < 2; i++) await step(run); // warms up; with sgd the first draw comes alone
  for (let round = 0; round < rounds; round++) {
    for (const run of runs) {
      const { rest, weights } = await step(run);
      run.rests.push(rest);
      run.weights.push(weights);
    }
  }
  const rest = summarize(runs.flatMap(({ rests }) => rests));
  const plain = rest.median + summarize(runs[0].weights).median;
  for (const { session, method, weights } of runs) {
    const own = summarize(weights);
    const row = {
      optimizer,
      method: method.name,
      ...(method.name === 'vispa' ? { rank: method.options.rank } : {}),
      msPerStep: three(rest.median + own.median),
      msWeights: three(own.median),
      spread: Number(own.spread.toFixed(2)),
      ratio: three((rest.median + own.median) / plain),
      ...(await memory(optimizer, method)),
    };
    results.push(row);
    await session.stop();
    const name = row.rank === undefined ? row.method : `${row.method}, K = ${row.rank}`;
    console.log(
      `${optimizer.padEnd(5)} ${name.padEnd(14)} ${row.msPerStep} ms a step, ${row.msWeights} of them on the weights; ${row.ratio} of ste; ${(row.bytes / 2 ** 20).toFixed(0)} MiB, ${(row.stateBytes / 2 ** 20).toFixed(0)} behind the weights`,
    );
  }
}
if (process.argv.includes('--save')) record(`ranks-node${process.versions.node.split('.')[0]}`, 'npm run bench -- ranks --save', results);
