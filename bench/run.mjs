// npm run bench -- <name> [options]; `kernels` stands for conv2d, f32, passes and inference, one after the other.
const benches = {
  conv2d: './kernels/conv2d.bench.mjs',
  f32: './kernels/f32.bench.mjs',
  passes: './kernels/passes.bench.mjs',
  inference: './kernels/inference.bench.mjs',
  augment: './training/augment.bench.mjs',
  training: './training/training.bench.mjs',
  optimizers: './training/optimizers.bench.mjs',
  accuracy: './accuracy.mjs',
  cifar10: './cifar10.mjs',
  'vgg-small': './models/vgg-small.bench.mjs',
};
const name = process.argv[2];
const chosen = name === 'kernels' ? ['conv2d', 'f32', 'passes', 'inference'] : [name];
if (!chosen.every((bench) => bench in benches)) {
  console.error(`bench: got ${name ?? 'nothing'}, expected one of kernels, ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
for (const bench of chosen) await import(benches[bench]);
