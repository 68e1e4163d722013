// What a call of bitgauss/kernels costs: the call itself, copies in and out, and the kernel; a search in 100,000 codes of 512 bits beside loops in
// plain JavaScript. One thread, the built package.
//   npm run bench -- kernels-entry [--quick] [--save]
import { createHammingIndex, hammingDistances, hammingTopK, packSigns, sampleGaussian, xnorConv2d, xnorGemm } from '../../dist/kernels.js';
import { interleave, record } from '../harness.mjs';

const rounds = process.argv.includes('--quick') ? 20 : 200;
const round = (value, digits) => Number(value.toFixed(digits));
let state = 1;
const bytes = (length) =>
  Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
const floats = (length) => Float32Array.from({ length }, () => Math.random() - 0.5);

const [COUNT, BITS] = [100_000, 512];
const [codes, query] = [bytes((COUNT * BITS) / 8), bytes(BITS / 8)];
const index = createHammingIndex(codes, BITS);

/** Small calls are repeated, so that the clock can tell. */
const repeat = (times, call) => () => {
  for (let i = 0; i < times; i++) call();
};
const [one, eight] = [Uint8Array.of(1), floats(8)];
const SMALL = 1000;
const small = interleave(
  {
    'hammingDistances, 1 code of 8 bits': repeat(SMALL, () => hammingDistances(one, one, 8)),
    'packSigns, 8 numbers': repeat(SMALL, () => packSigns(eight)),
    'sampleGaussian, 8 numbers, rank 1': repeat(SMALL, () => sampleGaussian({ mean: eight, factor: eight })),
  },
  rounds,
);

const [a, b] = [bytes(1024 * 128), bytes(1024 * 128)];
const [x, w] = [bytes(32 * 32 * 16), bytes(128 * 9 * 16)];
const conv = { height: 32, width: 32, channels: 128, kernelSize: 3, padding: 1 };
const [embeddings, mean, factor] = [floats(10_000 * BITS), floats(1_000_000), floats(4_000_000)];
const large = interleave(
  {
    'packSigns, 10,000 rows of 512': () => packSigns(embeddings, BITS),
    'xnorGemm, 1024 x 1024 x 1024': () => xnorGemm(a, b, 1024),
    'xnorConv2d, 128 -> 128 @ 32x32, 3x3': () => xnorConv2d(x, w, conv),
    'hammingDistances, 100,000 codes of 512 bits': () => hammingDistances(codes, query, BITS),
    'sampleGaussian, 1,000,000 numbers, rank 4': () => sampleGaussian({ mean, factor }),
  },
  Math.min(rounds, 50),
);

/** The same copy without wasm: 6.4 MB from one array to another. */
const target = new Uint8Array(codes.length);
const searches = interleave(
  {
    'an index: topK': () => index.topK(query, 10),
    'an index: distances': () => index.distances(query),
    hammingTopK: () => hammingTopK(codes, query, 10, BITS),
    'copying the codes once, nothing else': () => target.set(codes),
    'a loop over 32-bit numbers': () => loop32(),
  },
  Math.min(rounds, 100),
);
Object.assign(searches, interleave({ 'a loop over BigInts': () => loopBigInt() }, 3));

/** Distances only, without choosing the nearest. */
function loop32() {
  const [all, q] = [new Uint32Array(codes.buffer), new Uint32Array(query.buffer)];
  const distances = new Int32Array(COUNT);
  for (let i = 0, at = 0; i < COUNT; i++) {
    let distance = 0;
    for (let j = 0; j < q.length; j++) {
      let v = all[at++] ^ q[j];
      v -= (v >>> 1) & 0x55555555;
      v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
      distance += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    distances[i] = distance;
  }
  return distances;
}

function loopBigInt() {
  const [all, q] = [new BigUint64Array(codes.buffer), new BigUint64Array(query.buffer)];
  const distances = new Int32Array(COUNT);
  for (let i = 0, at = 0; i < COUNT; i++) {
    let distance = 0;
    for (let j = 0; j < q.length; j++) for (let v = all[at++] ^ q[j]; v !== 0n; v &= v - 1n) distance++;
    distances[i] = distance;
  }
  return distances;
}

const rowsOf = (kind, times, unit, scale) =>
  Object.entries(times).map(([call, { median, best, spread }]) => ({
    kind,
    call,
    [unit]: round(median * scale, 3),
    best: round(best * scale, 3),
    spread: round(spread, 2),
  }));
const rows = [...rowsOf('small', small, 'us', 1000 / SMALL), ...rowsOf('large', large, 'ms', 1), ...rowsOf('search', searches, 'ms', 1)];
console.table(rows);
if (process.argv.includes('--save'))
  record(`kernels-entry-node${process.versions.node.split('.')[0]}`, 'npm run bench -- kernels-entry --save', rows);
