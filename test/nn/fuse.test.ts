import { describe, expect, test } from 'vitest';
import { fuse } from '../../src/nn/fuse.js';
import type { Layer } from '../../src/nn/layer.js';
import { batchNorm, binaryConv2d, binaryLinear, conv2d, flatten, hardtanh, linear, maxPool2d, prelu } from '../../src/train.js';

const conv = conv2d(8, { kernelSize: 3 });
const binary = binaryConv2d(8, { kernelSize: 3 });

/** `conv2d | pool norm activation sign | …` */
function describePlan(layers: Layer[]): string {
  return fuse(layers)
    .map((plan) =>
      plan.kind === 'layer'
        ? plan.layer.type
        : ['pool', 'norm', 'activation', 'sign'].filter((stage) => plan[stage as 'pool']).join(' ') || 'scale',
    )
    .join(' | ');
}

describe('neighbouring layers fuse', () => {
  const cases: [string, Layer[], string][] = [
    [
      'pool, norm and activation in order',
      [conv, maxPool2d(2), batchNorm(), prelu(), flatten(), linear(10)],
      'conv2d | pool norm activation | flatten | linear',
    ],
    [
      'a sign joins the block in front of a binary layer',
      [conv, batchNorm(), prelu(), binary],
      'conv2d | norm activation sign | binaryConv2d | scale',
    ],
    ['a sign alone', [conv, binary, flatten(), linear(10)], 'conv2d | sign | binaryConv2d | scale | flatten | linear'],
    ['a sign stands in front of a flatten', [conv, flatten(), binaryLinear(4)], 'conv2d | sign | flatten | binaryLinear | scale'],
    [
      'a norm in front of a flatten takes the sign, too',
      [conv, batchNorm(), flatten(), binaryLinear(4)],
      'conv2d | norm sign | flatten | binaryLinear | scale',
    ],
    ['integers to signs directly', [conv, binary, binary], 'conv2d | sign | binaryConv2d | sign | binaryConv2d | scale'],
    [
      'integers to integers across a flatten',
      [binary, flatten(), binaryLinear(4)],
      'sign | binaryConv2d | sign | flatten | binaryLinear | scale',
    ],
    [
      'an order that is broken starts a block',
      [conv, prelu(), batchNorm(), maxPool2d(2), hardtanh()],
      'conv2d | activation | norm | pool activation',
    ],
    ['two of a kind are two blocks', [conv, hardtanh(), prelu()], 'conv2d | activation | activation'],
    [
      'a norm behind a flatten is its own block',
      [conv, prelu(), flatten(), batchNorm(), linear(10)],
      'conv2d | activation | flatten | norm | linear',
    ],
  ];
  for (const [name, layers, expected] of cases) {
    test(name, () => {
      expect(describePlan(layers)).toBe(expected);
    });
  }

  test('names are unique', () => {
    const names = fuse([conv, batchNorm(), binary, binary, flatten(), binaryLinear(4)]).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
