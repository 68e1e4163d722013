// jax-js, wasm device. Node has no global Worker, so it runs on one thread. Everything is compiled by jit, training is plain SGD.
import { blockUntilReady, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { normalised, pixels, signs, transpose } from '../data.mjs';
import { batch, CLASSES, CNN, initialWeight, VGG_FEATURES, VGG_SMALL, vggWeights } from '../nets.mjs';

const RATE = 0.01;

const array = (values, shape) => np.array(values).reshape(shape);

/** [cout][3][3][cin] -> [cout][cin][3][3]. */
function filter(weight, cin, cout) {
  const result = new Float32Array(weight.length);
  const size = 9 * cin;
  for (let c = 0; c < cout; c++) result.set(transpose(weight.subarray(c * size, (c + 1) * size), 9, cin), c * size);
  return array(result, [cout, cin, 3, 3]);
}

const maxPool = (x) => lax.reduceWindow(x, (window) => np.max(window), [2, 2], [2, 2]);
const perChannel = (bias, channels) => array(bias, [1, channels, 1, 1]);

/** A contestant that keeps its last result on the device. `order` makes [H][W][C] of it. */
function kept(what, check, compute, order = (values) => values) {
  let result;
  return {
    what,
    check,
    async run() {
      result?.dispose();
      result = compute();
      await blockUntilReady(result);
    },
    output: async () => order(await result.ref.data()),
  };
}

function convolution({ size, cin, cout }) {
  const positions = size * size;
  const x = array(transpose(signs(positions * cin, 1), positions, cin), [1, cin, size, size]);
  const w = filter(signs(cout * 9 * cin, 2), cin, cout);
  const compute = jit((a, b) => lax.conv(a, b, [1, 1], 'SAME'));
  return kept(
    'f32 convolution',
    'sums',
    () => compute(x.ref, w.ref),
    (values) => transpose(values, cout, positions),
  );
}

function gemm({ M, N, K }) {
  const x = array(signs(M * K, 1), [M, K]);
  const w = array(transpose(signs(N * K, 2), N, K), [K, N]);
  const compute = jit((a, b) => np.matmul(a, b));
  return kept('f32 product', 'sums', () => compute(x.ref, w.ref));
}

function vgg({ batch: images, imageSize }) {
  const pixelValues = normalised(pixels(images * imageSize, 600));
  const x = array(pixelValues, [images, 32, 32, 3]).transpose([0, 3, 1, 2]);
  const { layers, head } = vggWeights();
  const parameters = {
    layers: layers.map(({ weight, bias }, i) => ({
      weight: filter(weight, VGG_SMALL[i].cin, VGG_SMALL[i].cout),
      bias: perChannel(bias, VGG_SMALL[i].cout),
    })),
    head: array(transpose(head.weight, CLASSES, VGG_FEATURES), [VGG_FEATURES, CLASSES]),
    bias: np.array(head.bias),
  };
  const compute = jit((given, p) => {
    let y = given;
    VGG_SMALL.forEach(({ pool }, i) => {
      y = nn.relu(lax.conv(y, p.layers[i].weight, [1, 1], 'SAME').add(p.layers[i].bias));
      if (pool) y = maxPool(y);
    });
    return np.matmul(y.transpose([0, 2, 3, 1]).reshape([images, VGG_FEATURES]), p.head).add(p.bias);
  });
  const what = 'VGG-Small in f32 with ReLU, batch norm folded into the filters';
  return kept(what, 'f32 logits', () => compute(x.ref, tree.ref(parameters)));
}

/** Logits of a net in training, and its parameters. */
const NETS = {
  mlp({ hidden }) {
    const sizes = [784, ...hidden, CLASSES];
    const parameters = sizes.slice(1).map((out, i) => dense(i, sizes[i], out));
    return { shape: [784], parameters, logits: (p, x) => stack(p, x) };
  },
  cnn() {
    const convolutions = CNN.channels.map((out, i) => {
      const cin = i === 0 ? 1 : CNN.channels[i - 1];
      return { weight: array(initialWeight(i, out, 9 * cin), [out, cin, 3, 3]), bias: perChannel(new Float32Array(out), out) };
    });
    const parameters = { convolutions, dense: [dense(2, CNN.features, CNN.hidden), dense(3, CNN.hidden, CLASSES)] };
    const logits = (p, x) => {
      let y = x;
      for (const { weight, bias } of p.convolutions) y = maxPool(nn.relu(lax.conv(y, weight, [1, 1], 'VALID').add(bias)));
      return stack(p.dense, y.reshape([-1, CNN.features]));
    };
    return { shape: [1, 28, 28], parameters, logits };
  },
};

const dense = (index, cin, out) => ({ weight: array(initialWeight(index, out, cin), [cin, out]), bias: np.zeros([out]) });

/** Dense layers with ReLU between them. */
function stack(layers, x) {
  return layers.reduce((y, { weight, bias }, i) => {
    const z = np.matmul(y, weight).add(bias);
    return i === layers.length - 1 ? z : nn.relu(z);
  }, x);
}

function training(task) {
  const { shape, parameters, logits } = NETS[task.kind](task);
  const data = batch(task);
  const images = normalised(data.images);
  const loss = (p, x, y) =>
    nn
      .logSoftmax(logits(p, x))
      .mul(y)
      .sum()
      .mul(-1 / task.batch);
  const step = jit((p, x, y) => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(p), x, y);
    return [value, tree.map((w, g) => w.sub(g.mul(RATE)), p, gradient)];
  });
  let now = parameters;
  let last = Number.NaN;
  return {
    what: 'all layers f32, ReLU, SGD without momentum',
    async run() {
      const x = array(images, [task.batch, ...shape]);
      const y = nn.oneHot(np.array(data.labels), CLASSES);
      const [value, next] = step(now, x, y);
      now = next;
      await blockUntilReady(now);
      last = (await value.data())[0];
    },
    loss: () => last,
  };
}

const KINDS = { convolution, gemm, vgg, mlp: training, cnn: training };

export async function prepare(task) {
  await init('wasm');
  return [{ name: 'jax-js', ...KINDS[task.kind](task) }];
}
