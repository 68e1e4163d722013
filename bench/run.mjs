// npm run bench -- <name> [options]; a group stands for several benches, one after the other, with the same options.
const BENCHES = {
  conv2d: './kernels/conv2d.bench.mjs',
  f32: './kernels/f32.bench.mjs',
  passes: './kernels/passes.bench.mjs',
  'real-weights': './kernels/real-weights.bench.mjs',
  inference: './kernels/inference.bench.mjs',
  'kernels-entry': './kernels/entry.bench.mjs',
  'vgg-small': './models/vgg-small.bench.mjs',
  resnet18: './models/resnet18.bench.mjs',
  'first-prediction': './models/first-prediction.bench.mjs',
  training: './training/training.bench.mjs',
  widths: './training/widths.bench.mjs',
  optimizers: './training/optimizers.bench.mjs',
  ranks: './training/ranks.bench.mjs',
  augment: './training/augment.bench.mjs',
  accuracy: './accuracy.mjs',
  cifar10: './cifar10.mjs',
  compare: './compare/compare.bench.mjs',
};
const GROUPS = {
  kernels: ['conv2d', 'f32', 'passes', 'inference'],
  models: ['vgg-small', 'resnet18'],
};
const name = process.argv[2] ?? 'nothing';
const chosen = Object.hasOwn(GROUPS, name) ? GROUPS[name] : [name];
if (!chosen.every((bench) => Object.hasOwn(BENCHES, bench))) {
  const groups = Object.entries(GROUPS).map(([group, members]) => `${group} (${members.join(', ')})`);
  console.error(`bench: got ${name}, expected a group, ${groups.join(' or ')}, or one of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const bench of chosen) await import(BENCHES[bench]);
