// Real weights times ±1 activations on 128 images, one thread: the binary layers of VGG-Small by the lookup kernel, its roles swapped, and by the f32 product
// on activations written as f32; and the products of their backward pass, which both have.
//   npm run bench -- real-weights [--quick]
import { interleave } from '../harness.mjs';
import { load } from '../wasm.mjs';

const ROUNDS = process.argv.includes('--quick') ? 3 : 9;
const G = 2;
const LAYERS = {
  '128 -> 128 @ 32x32': [32, 128, 128],
  '128 -> 256 @ 16x16': [16, 128, 256],
  '256 -> 256 @ 16x16': [16, 256, 256],
  '256 -> 512 @ 8x8': [8, 256, 512],
  '512 -> 512 @ 8x8': [8, 512, 512],
};

const { kernels, allocate, fill, reset, reals } = await load('training');
for (const [name, [H, cin, cout]] of Object.entries(LAYERS)) {
  reset();
  const P = G * H * H;
  const rows = 9 * cin;
  const macs = P * 64 * cout * rows;
  const scratch = allocate(196608);
  const sizes = [G, H, H, cin, H, H, cout, 3, 3, 1, 1];
  const shape = fill(Int32Array, sizes.length, (i) => sizes[i]);
  const bits = fill(Uint32Array, P * cin * 2, (i) => Math.imul(i, 2654435761) >>> 0);
  const signs = allocate(P * Math.ceil(cin / 64) * 512);
  const [x, y, dx] = [reals(P * cin * 64), reals(P * cout * 64), reals(P * cin * 64)];
  const [w, filters] = [reals(cout * rows), reals(cout * rows + 4)];
  const [dw, transposed] = [allocate(cout * rows * 4), allocate(P * cout * 256)];
  const tiles = cout / 16;
  const bands = Math.ceil((G * H) / 8);
  const calls = {
    lookup() {
      kernels.transpose_b1(scratch, bits, signs, P, cin, 0, Math.ceil(P / 64));
      kernels.conv2d_b1f32_f32(scratch, signs, w, y, shape, 0, tiles * Math.ceil(P / 32));
    },
    f32: () => kernels.conv2d_f32f32_f32(scratch, x, filters, 0, y, 0, 0, shape, 0, Math.ceil(cout / 64) * bands),
    dw() {
      kernels.transpose_f32(scratch, y, transposed, P, cout, 0, tiles * Math.ceil(P / 64));
      kernels.conv2d_f32b1_f32_dw(scratch, transposed, 0, bits, dw, shape, 1, 0, 0, Math.ceil(cin / 128) * tiles);
    },
    dx() {
      kernels.transpose_filters(scratch, w, filters, rows, cout, 0, Math.ceil(cout / 32));
      kernels.conv2d_f32f32_f32_dx(scratch, y, filters, dx, shape, 0, Math.ceil(cin / 64) * bands);
    },
  };
  const times = interleave(calls, ROUNDS);
  const speed = (call) => `${call} ${(macs / times[call].median / 1e6).toFixed(1)}`;
  const ratio = times.f32.median / times.lookup.median;
  console.log(`${name.padEnd(20)} GMAC/s: ${Object.keys(calls).map(speed).join(', ')}; lookup ${ratio.toFixed(2)} times as fast as f32`);
}
