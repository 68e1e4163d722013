// How the cost of VGG-Small's training step grows with its width, and its memory with the batch; one thread, random images, batch 128.
//   npm run bench -- widths [--gradients int16] [--steps N] [--save]
// A multiply-accumulate counts three times: forward, dX and dW (the first layer, which needs no dX, too).
import { normalizationTable } from '../../build/js/core/normalization.js';
import { vggSmall } from '../../build/js/models/vgg-small.js';
import { ste } from '../../build/js/train/methods/ste.js';
import { adamw } from '../../build/js/train/optimizers/adamw.js';
import { Pace } from '../../build/js/train/pace.js';
import { StepProfile } from '../../build/js/train/profile.js';
import { TrainingSession } from '../../build/js/train/session.js';
import { summary } from '../../build/js/train/summary.js';
import { option, record, summarize } from '../harness.mjs';

const BATCH = 128;
const BATCHES = [64, 128, 256, 512, 1024];
const gradients = option('--gradients', 'int16');
const steps = Number(option('--steps', '5'));
const shape = { height: 32, width: 32, channels: 3 };
const classes = 10;
/** Products with a binary operand. */
const BINARY = /^conv2d_(b1b1|i16b1|i8b1|f32b1)/;

const three = (x) => Number(x.toPrecision(3));

async function measure(width) {
  const session = await TrainingSession.create({
    model: vggSmall({ classes, width }),
    input: { shape, type: 'u8', table: normalizationTable([0.5, 0.5, 0.5], [0.25, 0.25, 0.25]) },
    classes,
    batchSize: BATCH,
    gradients,
    seed: 0,
    method: ste(),
    optimizer: adamw(),
    realOptimizer: adamw(),
    threads: 1,
  });
  const { images, labels } = session.network.batchViews();
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i, 2654435761) >>> 24;
  for (let i = 0; i < BATCH; i++) labels[i] = i % classes;
  const run = (step) => session.step(BATCH, step, 1e6, { latent: 0.001, real: 0.001 }, new Pace());
  await run(0);
  session.profile = new StepProfile(session.network.steps, 1);
  const times = [];
  for (let step = 1; step <= steps; step++) {
    const start = performance.now();
    await run(step);
    times.push(performance.now() - start);
  }
  const { rows } = session.profile.take();
  const binaryMs = rows.filter(({ kernel }) => BINARY.test(kernel)).reduce((sum, { ms }) => sum + ms, 0);
  const total = (key) => session.network.steps.reduce((sum, step) => sum + step[key], 0) * 3 * BATCH;
  const { median, spread } = summarize(times);
  await session.stop();
  const bytes = {};
  for (const batchSize of BATCHES)
    bytes[batchSize] = (await summary(vggSmall({ classes, width }), { input: shape, classes, batchSize, gradients })).memory.total;
  return {
    width,
    gradients,
    msPerStep: three(median),
    spread: Number(spread.toFixed(2)),
    psPerMac: three((1e9 * median) / total('macs')),
    binaryPsPerMac: three((1e9 * binaryMs) / total('binaryMacs')),
    bytes,
  };
}

const results = [];
for (const width of [0.5, 1, 2]) {
  const row = await measure(width);
  results.push(row);
  console.log(
    `width ${width}: ${row.msPerStep} ms a step, ${row.psPerMac} ps per multiply-accumulate, binary products ${row.binaryPsPerMac}; bytes ${JSON.stringify(row.bytes)}`,
  );
}
if (process.argv.includes('--save')) record(`widths-node${process.versions.node.split('.')[0]}`, 'npm run bench -- widths --save', results);
