import { describe, expect, it } from 'vitest';
import { applyFlips } from '../../src/format/flips.js';
import { flipList } from '../../src/format/flips-write.js';
import { BitgaussError } from '../../src/index.js';
import { TestRandom } from '../helpers/random.js';

/** `length` bytes with these bits set. */
function bits(length: number, ...positions: number[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const position of positions) bytes[Math.floor(position / 8)] += 2 ** (position % 8);
  return bytes;
}

const LISTS: Record<string, [number[], number[]]> = {
  'no flip': [[], []],
  'the first bit': [[0], [0]],
  'neighbours, across a byte': [
    [6, 7, 8],
    [6, 0, 0],
  ],
  'a gap of 254': [[254], [254]],
  'a gap of 255': [[255], [255, 0]],
  'a gap of 256 behind a flip': [
    [3, 260],
    [3, 255, 1],
  ],
  'a gap of 600': [[600], [255, 255, 90]],
  'the last bit': [
    [10, 799],
    [10, 255, 255, 255, 23],
  ],
};

describe('a flip list', () => {
  it.each(Object.entries(LISTS))('of %s', (_, [positions, list]) => {
    const to = bits(100, ...positions);
    expect([...flipList(new Uint8Array(100), to)]).toEqual(list);
    expect([...applyFlips('list', new Uint8Array(100), Uint8Array.from(list))]).toEqual([...to]);
    // Flipped from all ones, the same bits are 0.
    const ones = new Uint8Array(100).fill(0xff);
    expect([...applyFlips('list', ones, Uint8Array.from(list))]).toEqual([...to].map((byte) => 255 - byte));
    expect([...new Set(ones)]).toEqual([255]);
  });

  it('is the way from any bytes to any others', () => {
    const numbers = new TestRandom(1);
    for (const rate of [0.001, 0.045, 0.5, 1]) {
      const from = Uint8Array.from({ length: 5000 }, () => numbers.integer(0, 255));
      const to = from.map((byte) => {
        let flipped = byte;
        for (let i = 0; i < 8; i++) if (numbers.uniform() < rate) flipped ^= 1 << i;
        return flipped;
      });
      const list = flipList(from, to);
      expect(applyFlips('list', from, list)).toEqual(to);
      if (rate === 0.045) expect(list.length / (40_000 * rate)).toBeCloseTo(1, 1);
    }
  });

  it.each([
    ['a flip behind the last bit', [255, 255, 255, 35], /list: got a flip of bit 800, expected bits below 800/],
    ['a flip behind the last bit, after good ones', [799, 0].flatMap((n) => (n > 255 ? [255, 255, 255, 34] : [n])), /a flip of bit 800/],
    ['gaps without an end', [1, 255], /list: got a list that ends in a gap, expected a flip at its end/],
    ['gaps that leave the tensor', new Array(10_000).fill(255), /got a list that ends in a gap/],
  ])('is refused with %s', (_, list, message) => {
    const apply = (): unknown => applyFlips('list', new Uint8Array(100), Uint8Array.from(list as number[]));
    expect(apply).toThrow(BitgaussError);
    expect(apply).toThrow(message as RegExp);
  });
});
