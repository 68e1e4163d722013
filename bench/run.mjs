// npm run bench -- kernels | training | inference [options]
const benches = {
  kernels: './kernels/conv2d.bench.mjs',
  training: './training/convnet.bench.mjs',
  inference: './inference/image.bench.mjs',
};
const name = process.argv[2];
if (!(name in benches)) {
  console.error(`bench: got ${name ?? 'nothing'}, expected one of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
await import(benches[name]);
