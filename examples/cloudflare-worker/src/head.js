// A last layer of one's own: the model's logits plus what the examples say.
//
//   logits'[c] = logits[c] + sum over i of share[i, c] <e[i], e> / D
//
// e: what the model's last layer takes of an image, D numbers of ±1, since that layer is binary; e[i] that of example i. A linear layer, hence, whose
// weights are w[c] = sum over i of share[i, c] e[i] / D: gradient steps add multiples of the examples and nothing else, so the shares are all there is
// to train, and the products of the examples all that it takes. Shares begin at 0, so the head begins as the model; a label that the model does not
// know begins with the logit 0.
import { readSafetensors } from 'bitgauss';
import { packSigns, xnorGemm } from 'bitgauss/kernels';
import { Failure } from './failure.js';

/** Few: the more, the better it knows the examples, and the more it forgets of the rest. */
const PASSES = 3;
const RATE = 1;

/** { labels, codes: bits [n, D], shares: f32 [n, labels] } by steps along the gradient of the cross-entropy, an example at a time. */
export function fineTune(model, examples) {
  const labels = [...new Set([...model.labels, ...examples.map(({ label }) => label)])];
  const n = examples.length;
  const known = examples.map(({ pixels }) => model.embed(pixels));
  const D = known[0].embedding.length;
  const embeddings = new Float32Array(n * D);
  for (const [i, { embedding }] of known.entries()) embeddings.set(embedding, i * D);
  const codes = packSigns(embeddings, D);
  const products = xnorGemm(codes, codes, D);
  const shares = new Float32Array(n * labels.length);
  for (let pass = 0; pass < PASSES; pass++)
    for (const [i, { label }] of examples.entries()) {
      const p = softmax(adapt(known[i].logits, products.subarray(i * n, (i + 1) * n), D, shares, labels.length));
      for (let c = 0; c < labels.length; c++) shares[i * labels.length + c] += RATE * ((labels[c] === label ? 1 : 0) - p[c]);
    }
  return { labels, codes, shares };
}

/** The logits of the model, and for each example its share. */
function adapt(logits, products, D, shares, classes) {
  const sums = Float64Array.from({ length: classes }, (_, c) => logits[c] ?? 0);
  for (const [i, product] of products.entries()) for (let c = 0; c < classes; c++) sums[c] += (shares[i * classes + c] * product) / D;
  return sums;
}

function softmax(logits) {
  const max = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - max));
  const total = powers.reduce((sum, power) => sum + power);
  return powers.map((power) => power / total);
}

/** Its file is a safetensors file: a JSON header behind its length, then the tensors. */
export function writeHead({ labels, codes, shares }) {
  const n = shares.length / labels.length;
  const header = {
    __metadata__: { labels: JSON.stringify(labels) },
    shares: { dtype: 'F32', shape: [n, labels.length], data_offsets: [0, shares.byteLength] },
    codes: { dtype: 'U8', shape: [n, codes.length / n], data_offsets: [shares.byteLength, shares.byteLength + codes.length] },
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padding = new Uint8Array(-text.length & 7).fill(0x20);
  return new Blob([new BigUint64Array([BigInt(text.length + padding.length)]), text, padding, shares, codes]);
}

/** A classifier from a model and such a file. What comes back from a client is checked as anything else. */
export function readHead(model, bytes) {
  const { metadata, tensors } = readSafetensors(bytes);
  const [codes, shares] = ['codes', 'shares'].map((name) => tensors.get(name));
  const labels = readLabels(metadata.get('labels'));
  if (!model.labels.every((label, i) => label === labels[i]))
    throw new Failure(400, `head: labels: expected to begin with ${model.labels.join(', ')}`);
  if (codes?.dtype !== 'U8' || shares?.dtype !== 'F32' || !shares.data.every(Number.isFinite))
    throw new Failure(400, 'head: expected tensors codes, U8, and shares, F32 and finite');
  return {
    labels,
    predict(pixels) {
      const { embedding, logits } = model.embed(pixels);
      const D = embedding.length;
      const [n] = shares.shape;
      const [got, expected] = [
        [shares.shape, codes.shape],
        [
          [n, labels.length],
          [n, Math.ceil(D / 8)],
        ],
      ].map((shapes) => JSON.stringify(shapes));
      if (got !== expected) throw new Failure(400, `head: shapes: got ${got}, expected ${expected}`);
      const products = xnorGemm(packSigns(embedding), codes.data, D);
      const probabilities = softmax(adapt(logits, products, D, shares.data, labels.length));
      return { probabilities, label: probabilities.indexOf(Math.max(...probabilities)) };
    },
  };
}

function readLabels(text) {
  try {
    const labels = JSON.parse(text);
    if (Array.isArray(labels) && labels.every((label) => typeof label === 'string')) return labels;
  } catch {}
  throw new Failure(400, 'head: labels: expected a list of names');
}
