// What is planned against what is allocated, byte by byte, and configurations that do not fit.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Allocation } from '../../src/core/arena.js';
import { Runtime } from '../../src/core/runtime.js';
import type { Layer } from '../../src/nn/layer.js';
import { batchNorm, binaryConv2d, conv2d, flatten, linear, maxPool2d } from '../../src/nn/layers/registry.js';
import { Network } from '../../src/nn/network.js';
import { sequential } from '../../src/nn/sequential.js';
import { MEMORY_USES, type PlanOptions, planMemory, requireMemory } from '../../src/train/memory.js';
import { TrainingSession } from '../../src/train/session.js';
import {
  adamw,
  clipNorm,
  convnet,
  createMethod,
  createModel,
  fit,
  latentAverage,
  methodNames,
  mlp,
  modelNames,
  sgd,
  ste,
  vggSmall,
  vispa,
} from '../../src/train.js';
import { NETWORK_CASES } from '../cases/networks.js';
import { fewDigits } from '../helpers/tiny.js';

afterEach(() => vi.restoreAllMocks());

const base: Omit<PlanOptions, 'model'> = {
  input: { shape: { height: 28, width: 28, channels: 1 }, type: 'u8' },
  classes: 10,
  batchSize: 128,
  gradients: 'int16',
  method: ste(),
  optimizer: adamw(),
  realOptimizer: adamw(),
};

/** Bytes by key. */
function sums(allocations: readonly Allocation[], key: (allocation: Allocation) => string): Record<string, number> {
  const result: Record<string, number> = {};
  for (const allocation of allocations) result[key(allocation)] = (result[key(allocation)] ?? 0) + allocation.bytes;
  return result;
}

describe('what is planned is what is allocated', () => {
  const cases: [string, PlanOptions][] = [
    ...modelNames().map((name): [string, PlanOptions] => [
      `${name}, all in bits`,
      {
        ...base,
        model: createModel(name, { classes: 10, width: name === 'mlp' ? undefined : 0.4, stem: 'binary', head: 'binary' }),
        batchSize: 65,
        method: vispa(),
      },
    ]),
    ...methodNames().map((name): [string, PlanOptions] => {
      const [model, method] = [convnet({ classes: 10, width: 0.3 }), createMethod(name)];
      return [`${name}, odd widths`, { ...base, model: method.model?.(model) ?? model, method, optimizer: sgd() }];
    }),
    ['int8 gradients, odd widths', { ...base, model: convnet({ classes: 10, width: 0.3 }), gradients: 'int8' }],
    ['int8-fast gradients, a binary head', { ...base, model: mlp({ classes: 10, head: 'binary' }), gradients: 'int8-fast' }],
    ['f32 gradients, two optimizers', { ...base, model: mlp({ classes: 10 }), gradients: 'f32', optimizer: sgd(), batchSize: 1 }],
    ['clipped and averaged', { ...base, model: mlp({ classes: 10 }), method: latentAverage(vispa(), 0.9), clipNorm: clipNorm(1) }],
    ['a batch of 1,000, rank 5', { ...base, model: convnet({ classes: 10, width: 0.1 }), method: vispa({ rank: 5 }), batchSize: 1000 }],
    ...NETWORK_CASES.map(({ name, shape, classes, layers }): [string, PlanOptions] => [
      name,
      { ...base, model: sequential(layers), input: { shape, type: 'f32' }, classes, batchSize: 130, method: vispa({ normalize: 'row' }) },
    ]),
  ];
  test.each(cases)('%s', async (_, options) => {
    const { steps, shared, total } = planMemory(options);
    const session = await TrainingSession.create({ ...options, seed: 1 });
    const { arena } = session.runtime;
    // Per use, exactly.
    const actual = sums(arena.allocations, ({ use }) => use);
    for (const use of MEMORY_USES) expect(total[use], use).toBe(actual[use] ?? 0);
    // The rows and what they share are the total.
    for (const use of [...MEMORY_USES, 'total'] as const) {
      expect(
        steps.reduce((sum, { memory }) => sum + memory[use], shared[use]),
        use,
      ).toBe(total[use]);
    }
    expect(MEMORY_USES.reduce((sum, use) => sum + total[use], 0)).toBe(total.total);
    // Per step and use, for what the network itself allocates.
    const runtime = await Runtime.create();
    new Network(options.model, options.input, options.classes, { ...options, ...options.method, runtime, seed: 1 });
    const built = sums(runtime.arena.allocations, ({ owner, use }) => `${owner} ${use}`);
    for (const { name, memory } of [...steps, { name: '', memory: shared }]) {
      for (const use of MEMORY_USES) if (use !== 'optimizer') expect(memory[use], `${name} ${use}`).toBe(built[`${name} ${use}`] ?? 0);
    }
  });

  test('a session takes its memory at once', async () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const options = { ...base, model: vggSmall({ classes: 10, width: 0.25 }) };
    const session = await TrainingSession.create({ ...options, seed: 1 });
    expect(grow).toHaveBeenCalledTimes(1);
    const { byteLength } = session.runtime.arena.memory.buffer;
    const { total } = planMemory(options);
    // The binary's own data, 2 KiB behind the last buffer, whole pages.
    expect(byteLength).toBeGreaterThanOrEqual(total.total + 2048);
    expect(byteLength).toBeLessThan(total.total + 3 * 65536);
  });

  test('the gradient of the first product is stored nowhere', () => {
    const batchSize = 128;
    const stem = (front: Layer[]): PlanOptions => ({
      ...base,
      model: sequential([...front, batchNorm(), binaryConv2d(2, { kernelSize: 3, stride: 4 }), batchNorm(), flatten(), linear(10)]),
      batchSize,
    });
    const y = batchSize * 28 * 28 * 64 * 4;
    const first = planMemory(stem([conv2d(64, { kernelSize: 3, padding: 1 })]));
    // Signs of y (a quarter of it), their gradient in int16 (half of it), and what is small.
    expect(first.shared.workspace).toBeLessThan(0.8 * y);
    const pooled = planMemory(stem([conv2d(64, { kernelSize: 3, padding: 1 }), maxPool2d(2)]));
    // y in front of the pool is not kept.
    expect(pooled.shared.workspace).toBeLessThan(1.2 * y);
    // A convolution behind another one hands a gradient on, so it needs that of its output.
    const second = planMemory(stem([conv2d(1, { kernelSize: 1 }), conv2d(64, { kernelSize: 3, padding: 1 })]));
    expect(second.shared.workspace).toBeGreaterThan(y);
  });

  test('planning takes no memory', () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const { total, network } = planMemory({
      ...base,
      model: mlp({ classes: 10, hidden: [32767, 32767, 32767] }),
      method: vispa({ rank: 4 }),
    });
    expect(network.binaryParameters).toHaveLength(2);
    expect(total.optimizer).toBeGreaterThan(2 * 5 * 3 * 4 * 32767 * 32767);
    expect(grow).not.toHaveBeenCalled();
  });
});

describe('what does not fit', () => {
  const large = { ...base, model: convnet({ classes: 10, width: 2 }), batchSize: 12800, gradients: 'f32' as const };

  test('is refused with the figure of the whole, its parts and a batch that fits', () => {
    const { total, steps } = planMemory(large);
    const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    expect(total.total).toBeGreaterThan(2 ** 33);
    const fitting = planMemory({ ...large, batchSize: 3200 }).total.total;
    expect(fitting).toBeLessThan(2 ** 32);
    expect(planMemory({ ...large, batchSize: 6400 }).total.total).toBeGreaterThan(2 ** 32);
    let error: unknown;
    try {
      requireMemory(large);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'unsupported' });
    const { message } = error as Error;
    expect(message).toContain(`needs ${gib(total.total)}, more than the 4 GiB of wasm32: `);
    for (const use of ['workspace', 'activations'] as const) expect(message).toContain(`${use} ${gib(total[use])}`);
    const most = Math.max(...steps.map(({ memory }) => memory.total));
    expect(message).toContain(`the largest layer is 1.maxPool2d with ${gib(most)}`);
    expect(message).toContain(`use a smaller batch (3200 needs ${gib(fitting)})`);
  });

  test('no batch helps where weights alone are too many', () => {
    const options = { ...base, model: mlp({ classes: 10, hidden: [32767, 32767] }) };
    expect(() => requireMemory(options)).toThrow(/optimizer 12\.\d GiB.*the largest layer is 4\.binaryLinear.*no batch is small enough/);
  });

  test('train refuses it before it takes any memory', async () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const model = mlp({ classes: 10, hidden: [32767, 32767] });
    await expect(fit({ model, data: fewDigits(), optimizer: adamw() })).rejects.toThrow(/needs 16\.\d GiB, more than the 4 GiB of wasm32/);
    expect(grow).not.toHaveBeenCalled();
  });

  test('a host that gives less than 4 GiB is told what the whole needs', async () => {
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no');
    });
    const options = { ...base, model: convnet({ classes: 10 }) };
    const mib = Math.floor(planMemory(options).total.total / 2 ** 20);
    const refused = TrainingSession.create({ ...options, seed: 0 });
    await expect(refused).rejects.toThrow(new RegExp(`needs ${mib}\\.\\d MiB, and the host refused`));
    await expect(refused).rejects.toMatchObject({ code: 'unsupported' });
  });
});
