// Similarity search over binary embeddings: the 10 nearest of 100,000 codes of 512 bits, and how long each way takes.
//   node search.mjs [codes] [bits, a multiple of 64]
import { createHammingIndex, hammingTopK, packSigns, sampleGaussian } from 'bitgauss/kernels';

const [count = 100_000, bits = 512] = process.argv.slice(2).map(Number);
const K = 10;

// Stand-ins for a model's embeddings: points near a 32-dimensional space, of which the signs are kept, 64 bytes instead of 2,048.
const mean = new Float32Array(bits);
const factor = sampleGaussian({ mean, diagonal: new Float32Array(bits).fill(1), stream: 'directions', samples: 32 });
const codes = new Uint8Array((count * bits) / 8);
const BATCH = 1000;
for (let first = 0; first < count; first += BATCH) {
  const embeddings = sampleGaussian({ mean, factor, stream: 'embeddings', step: first, samples: Math.min(BATCH, count - first) });
  codes.set(packSigns(embeddings, bits), (first * bits) / 8);
}
const query = packSigns(sampleGaussian({ mean, factor, stream: 'query' }));

/** Bit by bit: x & (x - 1) clears the lowest one. */
function bigIntLoop() {
  const [all, one] = [new BigUint64Array(codes.buffer), new BigUint64Array(query.buffer)];
  return nearest((i) => {
    let distance = 0;
    for (let j = 0; j < one.length; j++) for (let x = all[i * one.length + j] ^ one[j]; x !== 0n; x &= x - 1n) distance++;
    return distance;
  });
}

/** The best that plain JavaScript does: counts of 32 bits at a time. */
function uint32Loop() {
  const [all, one] = [new Uint32Array(codes.buffer), new Uint32Array(query.buffer)];
  return nearest((i) => {
    let distance = 0;
    for (let j = 0; j < one.length; j++) {
      let x = all[i * one.length + j] ^ one[j];
      x -= (x >>> 1) & 0x55555555;
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
      distance += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return distance;
  });
}

/** Indices of the K smallest distances, of equal ones the first. */
function nearest(distance) {
  const found = [];
  for (let i = 0; i < count; i++) {
    const far = distance(i);
    if (found.length === K && far >= found[K - 1].far) continue;
    let at = found.length;
    while (at > 0 && found[at - 1].far > far) at--;
    found.splice(at, 0, { i, far });
    found.length = Math.min(found.length, K);
  }
  return found.map(({ i }) => i);
}

const index = createHammingIndex(codes, bits);
const ways = {
  'createHammingIndex(…).topK': () => index.topK(query, K).indices,
  hammingTopK: () => hammingTopK(codes, query, K, bits).indices,
  'loop over 32-bit numbers': uint32Loop,
  'loop over BigInts': bigIntLoop,
};

const { indices, distances } = index.topK(query, K);
console.log(`nearest of ${count} codes of ${bits} bits: ${[...indices].map((at, i) => `${at} (${distances[i]})`).join(', ')}`);
for (const [name, search] of Object.entries(ways)) {
  const times = [];
  const begin = performance.now();
  do {
    const start = performance.now();
    const found = search();
    times.push(performance.now() - start);
    if (found.join() !== indices.join()) throw new Error(`${name}: found ${found}, expected ${indices}`);
  } while (times.length < 50 && performance.now() - begin < 1000);
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  console.log(`${name.padEnd(28)} ${median.toFixed(2).padStart(9)} ms`);
}
