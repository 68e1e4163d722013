// npm run bench -- kernels | training [options]
const benches = { kernels: './kernels/conv2d.bench.mjs', training: './training/convnet.bench.mjs' };
const name = process.argv[2];
if (!(name in benches)) {
  console.error(`bench: got ${name ?? 'nothing'}, expected one of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
await import(benches[name]);
