// A last layer of one's own: the model's logits plus what the examples say.
//
//   logits'[c] = logits[c] + sum over i of share[i, c] <e[i], e> / D
//
// e: what the model's last layer takes of an image, D numbers of ±1, since that layer is binary; e[i] that of example i. A linear layer, hence, whose
// weights are w[c] = sum of share[i, c] e[i] / D: gradient steps add multiples of the examples and nothing else, so the shares are all there is to
// train, and the products of the examples all that it takes. Shares begin at 0, so the head begins as the model; a label that the model does not know
// begins with the logit 0.
import { BitgaussError, readSafetensors } from 'bitgauss';
import { Failure } from './failure.js';

/** Few: the more, the better it knows the examples, and the more it forgets of the rest. */
const PASSES = 3;
const RATE = 1;

/** { labels, embeddings: i8 [n, D], shares: f32 [n, labels] } by steps along the gradient of the cross-entropy, an example at a time. */
export function fineTune(model, examples) {
  const labels = [...new Set([...model.labels, ...examples.map(({ label }) => label)])];
  const known = examples.map(({ pixels }) => model.embed(pixels));
  const D = known[0].embedding.length;
  const embeddings = new Int8Array(known.length * D);
  for (const [i, { embedding }] of known.entries()) embeddings.set(embedding, i * D);
  const products = known.map(({ embedding }) => productsWith(embeddings, embedding));
  const shares = new Float32Array(known.length * labels.length);
  for (let pass = 0; pass < PASSES; pass++)
    for (const [i, { label }] of examples.entries()) {
      const p = softmax(adapt(known[i].logits, products[i], shares, labels.length));
      for (let c = 0; c < labels.length; c++) shares[i * labels.length + c] += RATE * ((labels[c] === label ? 1 : 0) - p[c]);
    }
  return { labels, embeddings, shares };
}

/** <e[i], e> / D for all examples. */
function productsWith(embeddings, e) {
  const D = e.length;
  return Array.from({ length: embeddings.length / D }, (_, i) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += embeddings[i * D + d] * e[d];
    return sum / D;
  });
}

function adapt(logits, products, shares, classes) {
  return Array.from({ length: classes }, (_, c) =>
    products.reduce((sum, product, i) => sum + shares[i * classes + c] * product, logits[c] ?? 0),
  );
}

function softmax(logits) {
  const max = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - max));
  const total = powers.reduce((sum, power) => sum + power);
  return powers.map((power) => power / total);
}

/** Its file is a safetensors file: a JSON header behind its length, then the tensors. */
export function writeHead({ labels, embeddings, shares }) {
  const n = shares.length / labels.length;
  const header = {
    __metadata__: { labels: JSON.stringify(labels) },
    shares: { dtype: 'F32', shape: [n, labels.length], data_offsets: [0, shares.byteLength] },
    embeddings: {
      dtype: 'I8',
      shape: [n, embeddings.length / n],
      data_offsets: [shares.byteLength, shares.byteLength + embeddings.length],
    },
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padding = new Uint8Array(-text.length & 7).fill(0x20);
  return new Blob([new BigUint64Array([BigInt(text.length + padding.length)]), text, padding, shares, embeddings]);
}

/** A classifier from a model and such a file. */
export function readHead(model, bytes) {
  const { labels, embeddings, shares } = parse(bytes);
  if (!model.labels.every((label, i) => label === labels[i]))
    throw new Failure(400, `head: labels: expected to begin with ${model.labels.join(', ')}`);
  return {
    labels,
    predict(pixels) {
      const { embedding, logits } = model.embed(pixels);
      const shapes = [`[${shares.shape}]`, `[${embeddings.shape}]`];
      const [n] = shares.shape;
      const expected = [`[${n},${labels.length}]`, `[${n},${embedding.length}]`];
      if (String(shapes) !== String(expected))
        throw new Failure(400, `head: shapes: got ${shapes.join(' and ')}, expected ${expected.join(' and ')}`);
      const products = productsWith(embeddings.data, embedding);
      const probabilities = softmax(adapt(logits, products, shares.data, labels.length));
      return { probabilities, label: probabilities.indexOf(Math.max(...probabilities)) };
    },
  };
}

/** What comes back from a client is checked as anything else. */
function parse(bytes) {
  try {
    const { metadata, tensors } = readSafetensors(bytes);
    const labels = JSON.parse(metadata.get('labels') ?? 'null');
    const [embeddings, shares] = ['embeddings', 'shares'].map((name) => tensors.get(name));
    if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string'))
      throw new Failure(400, 'head: labels: expected strings');
    if (embeddings?.dtype !== 'I8' || shares?.dtype !== 'F32' || !shares.data.every(Number.isFinite))
      throw new Failure(400, 'head: expected tensors embeddings, I8, and shares, F32 and finite');
    return { labels, embeddings, shares };
  } catch (error) {
    if (error instanceof BitgaussError || error instanceof SyntaxError) throw new Failure(400, `head: ${error.message}`);
    throw error;
  }
}
