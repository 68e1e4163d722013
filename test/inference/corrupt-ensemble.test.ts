// What a reader refuses in the part of a file that makes it an ensemble. Names and lists are written by hand.
import { describe, expect, it } from 'vitest';
import { type WritableTensor, writeSafetensors } from '../../src/format/safetensors-write.js';
import { BitgaussError } from '../../src/index.js';
import { readGraph } from '../../src/inference/graph.js';
import { ModelFile } from '../helpers/model-file.js';
import { TestRandom } from '../helpers/random.js';

type Data = WritableTensor['data'];

interface Parts {
  ensemble: string;
  set(name: string, shape: number[], data: Data): void;
  delete(name: string): void;
}

const DTYPES: Record<string, WritableTensor['dtype']> = { Uint8Array: 'U8', Int8Array: 'I8', Int16Array: 'I16', Float32Array: 'F32' };

/** A good ensemble of three, changed. */
function corrupt(change: (parts: Parts) => unknown): Uint8Array {
  const file = new ModelFile(new TestRandom(1), [6, 6, 3])
    .sign() // 0
    .conv2dB1b1(10, 3, 1, 1) // 1, tensor 0: U8 [10, 3, 3, 1], 3 bits of each byte
    .threshold() // 2, tensors 1 and 2: I16, U8 [10]
    .flatten() // 3
    .linearB1b1(4) // 4, tensor 3: U8 [4, 1, 1, 45]
    .affine(); // 5, tensors 4 and 5: F32 [4]
  const tensors = new Map(file.tensors);
  const parts: Parts = {
    ensemble: '{"members":3}',
    set: (name, shape, data) => tensors.set(name, { dtype: DTYPES[data.constructor.name], shape, data }),
    delete: (name) => tensors.delete(name),
  };
  parts.set('member0.flips/tensor 0', [3], Uint8Array.of(0, 1, 255 - 1));
  parts.set('member0/tensor 1', [10], new Int16Array(10));
  parts.set('member2/tensor 3', [4, 1, 1, 45], new Uint8Array(180));
  parts.set('member2.flips/tensor 2', [1], Uint8Array.of(0));
  change(parts);
  const { input, ops } = file.model;
  return writeSafetensors(tensors, {
    format: 'bitgauss',
    version: '1',
    input: JSON.stringify(input),
    labels: '["a","b","c","d"]',
    ops: JSON.stringify(ops),
    ...(parts.ensemble === '' ? {} : { ensemble: parts.ensemble }),
  });
}

const CASES: Record<string, [(parts: Parts) => unknown, RegExp]> = {
  'an ensemble that is no JSON': [(p) => (p.ensemble = '{members:3}'), /model ensemble: got a text that is no JSON/],
  'an ensemble that is a number': [(p) => (p.ensemble = '3'), /model ensemble: got 3, expected a JSON object/],
  'an ensemble without members': [
    (p) => (p.ensemble = '{}'),
    /model ensemble members: got nothing, expected a whole number from 1 to 4096/,
  ],
  'no members': [(p) => (p.ensemble = '{"members":0}'), /model ensemble members: got 0, expected a whole number from 1/],
  '4097 members': [(p) => (p.ensemble = '{"members":4097}'), /model ensemble members: got 4097, expected .* to 4096/],
  '1.5 members': [(p) => (p.ensemble = '{"members":1.5}'), /model ensemble members: got 1.5/],
  'members as text': [(p) => (p.ensemble = '{"members":"3"}'), /model ensemble members: got "3"/],
  'members twice': [(p) => (p.ensemble = '{"members":3,"members":4}'), /model ensemble: got the key "members" twice/],
  'an ensemble that says more': [
    (p) => (p.ensemble = '{"members":3,"weights":[1,2,3]}'),
    /model ensemble: got "weights", expected members only/,
  ],
  'members where the header has no ensemble': [(p) => (p.ensemble = ''), /tensor "member0\/tensor 1": got a tensor that no operation uses/],
  'a member that is not there': [
    (p) => p.set('member3/tensor 1', [10], new Int16Array(10)),
    /tensor "member3\/tensor 1": got member 3, expected a member from 0 to 2/,
  ],
  'a member of a number beyond all': [
    (p) => p.set(`member${'9'.repeat(400)}/tensor 1`, [10], new Int16Array(10)),
    /got member 9{400}, expected a member from 0 to 2/,
  ],
  'a number of a member with a leading zero': [
    (p) => p.set('member01/tensor 1', [10], new Int16Array(10)),
    /tensor "member01\/tensor 1": got a tensor that no operation uses/,
  ],
  'a tensor that the base has not': [
    (p) => p.set('member1/tensor 9', [10], new Int16Array(10)),
    /tensor "member1\/tensor 9": got no such tensor of the base, expected the name of a tensor/,
  ],
  'a tensor of another member': [(p) => p.set('member1/member0/tensor 1', [10], new Int16Array(10)), /got no such tensor of the base/],
  'a tensor without a name': [(p) => p.set('member1/', [10], new Int16Array(10)), /tensor "member1\/": got no such tensor of the base/],
  'a tensor of the prototype': [(p) => p.set('member1/__proto__', [10], new Int16Array(10)), /got no such tensor of the base/],
  'a base tensor that only a member has': [(p) => p.delete('tensor 1'), /tensor "member0\/tensor 1": got no such tensor of the base/],
  'another dtype than the base': [
    (p) => p.set('member1/tensor 1', [10], new Float32Array(10)),
    /tensor "member1\/tensor 1": got F32 \[10\] for I16 \[10\], expected the same of both/,
  ],
  'another shape than the base': [
    (p) => p.set('member1/tensor 0', [10, 9, 1, 1], new Uint8Array(90)),
    /got U8 \[10, 9, 1, 1\] for U8 \[10, 3, 3, 1\], expected the same of both/,
  ],
  'a tensor and a flip list for it': [
    (p) => p.set('member0/tensor 0', [10, 3, 3, 1], new Uint8Array(90)),
    /tensor "member0\/tensor 0": got a tensor and a flip list, expected one of them|tensor "member0.flips\/tensor 0": got a tensor and/,
  ],
  'a flip list for floats': [
    (p) => p.set('member1.flips/tensor 4', [1], Uint8Array.of(3)),
    /tensor "member1.flips\/tensor 4": got U8 \[1\] for F32 \[4\], expected U8 \[n\] for U8/,
  ],
  'a flip list for thresholds': [
    (p) => p.set('member1.flips/tensor 1', [1], Uint8Array.of(3)),
    /got U8 \[1\] for I16 \[10\], expected U8 \[n\] for U8/,
  ],
  'a flip list of another dtype': [
    (p) => p.set('member1.flips/tensor 0', [1], Int8Array.of(3)),
    /tensor "member1.flips\/tensor 0": got I8 \[1\] for U8 \[10, 3, 3, 1\], expected U8 \[n\] for U8/,
  ],
  'a flip list of two dimensions': [
    (p) => p.set('member1.flips/tensor 0', [1, 1], Uint8Array.of(3)),
    /got U8 \[1, 1\] for U8 \[10, 3, 3, 1\], expected U8 \[n\] for U8/,
  ],
  'a flip behind the last bit': [
    (p) => p.set('member1.flips/tensor 3', [6], Uint8Array.of(255, 255, 255, 255, 255, 165)),
    /tensor "member1.flips\/tensor 3": got a flip of bit 1440, expected bits below 1440/,
  ],
  'a flip list that goes on behind its last flip': [
    (p) => p.set('member1.flips/tensor 0', [2], Uint8Array.of(0, 255)),
    /tensor "member1.flips\/tensor 0": got a list that ends in a gap/,
  ],
  'a flip of a spare bit': [
    (p) => p.set('member1.flips/tensor 0', [1], Uint8Array.of(8 + 3)),
    /member 1: ops\[1\] conv2d_b1b1: spare bits of weight byte 1: got 8, expected 0/,
  ],
  'a plane with spare bits': [
    (p) => p.set('member1/tensor 0', [10, 3, 3, 1], new Uint8Array(90).fill(128, 89)),
    /member 1: ops\[1\] conv2d_b1b1: spare bits of weight byte 89: got 128, expected 0/,
  ],
  'a flip that makes 2 of 0 or 1': [
    (p) => p.set('member1.flips/tensor 2', [1], Uint8Array.of(8 + 1)),
    /member 1: ops\[2\] threshold: flip of channel 1: got [23], expected 0 or 1/,
  ],
  'a scale of NaN': [
    (p) => p.set('member2/tensor 4', [4], Float32Array.of(1, NaN, 1, 1)),
    /member 2: ops\[5\] affine: scale "tensor 4": value 1: got NaN, expected a finite number/,
  ],
};

describe('a corrupt ensemble is refused', () => {
  it('the file that they are made of is good', () => {
    const { members } = readGraph(corrupt(() => {}));
    expect(members.map(({ bytes, constants }) => [bytes, [...constants.keys()]])).toEqual([
      [23, [1, 2]],
      [0, []],
      [181, [2, 4]],
    ]);
    expect(members[0].constants.get(2)).toEqual([new Int16Array(10), readGraph(corrupt(() => {})).ops[2].constants[1]]);
  });

  it.each(Object.entries(CASES))('%s', (_, [change, message]) => {
    let error: unknown;
    try {
      readGraph(corrupt(change));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BitgaussError);
    expect((error as BitgaussError).message).toMatch(message);
    expect((error as BitgaussError).code).toBe('format');
  });

  it('a small file that claims more memory than there is, before anything is unpacked', () => {
    const file = new ModelFile(new TestRandom(1), [1, 1, 30_000]).sign().linearB1b1(300).affine();
    const { input, ops } = file.model;
    const tensors = new Map(file.tensors);
    for (let i = 0; i < 4096; i++) tensors.set(`member${i}.flips/tensor 0`, { dtype: 'U8', shape: [1], data: Uint8Array.of(0) });
    const bytes = writeSafetensors(tensors, {
      format: 'bitgauss',
      version: '1',
      input: JSON.stringify(input),
      labels: JSON.stringify(Array.from({ length: 300 }, String)),
      ops: JSON.stringify(ops),
      ensemble: '{"members":4096}',
    });
    const begin = performance.now();
    expect(() => readGraph(bytes)).toThrow(/memory: this model needs 4.4 GiB, expected at most 2 GiB/);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('or loads, or throws nothing else, whatever byte of it is changed', () => {
    const good = corrupt(() => {});
    const numbers = new TestRandom(2);
    for (let round = 0; round < 3000; round++) {
      const bytes = good.slice();
      bytes[numbers.integer(0, bytes.length - 1)] = numbers.pick([0, 0x22, 0x2c, 0x2d, 0x30, 0x33, 0x39, 0x5b, 0x5d, 0x7b, 0x7d, 0xff]);
      try {
        readGraph(bytes);
      } catch (error) {
        if (!(error instanceof BitgaussError)) throw error;
      }
    }
  });
});
